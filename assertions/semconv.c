#include "assertions/semconv.h"

const struct semconv_pair semconv_pairs[] = {
    {"http.method", "http.request.method", SEMCONV_ANY},
    {"http.status_code", "http.response.status_code", SEMCONV_ANY},
    {"http.scheme", "url.scheme", SEMCONV_ANY},
    {"http.url", "url.full", SEMCONV_ANY},
    {"http.request_content_length", "http.request.body.size", SEMCONV_ANY},
    {"http.response_content_length", "http.response.body.size", SEMCONV_ANY},
    {"http.resend_count", "http.request.resend_count", SEMCONV_ANY},
    {"http.retry_count", "http.request.resend_count", SEMCONV_ANY},
    {"http.client_ip", "client.address", SEMCONV_ANY},
    {"http.user_agent", "user_agent.original", SEMCONV_ANY},
    {"db.system", "db.system.name", SEMCONV_ANY},
    {"db.name", "db.namespace", SEMCONV_ANY},
    {"db.redis.database_index", "db.namespace", SEMCONV_ANY},
    {"db.elasticsearch.cluster.name", "db.namespace", SEMCONV_ANY},
    {"db.statement", "db.query.text", SEMCONV_ANY},
    {"db.operation", "db.operation.name", SEMCONV_ANY},
    {"db.sql.table", "db.collection.name", SEMCONV_ANY},
    {"db.mongodb.collection", "db.collection.name", SEMCONV_ANY},
    {"db.cosmosdb.container", "db.collection.name", SEMCONV_ANY},
    {"db.cassandra.table", "db.collection.name", SEMCONV_ANY},
    {"db.cassandra.coordinator.dc", "cassandra.coordinator.dc", SEMCONV_ANY},
    {"db.cassandra.coordinator.id", "cassandra.coordinator.id", SEMCONV_ANY},
    {"db.cassandra.consistency_level", "cassandra.consistency.level", SEMCONV_ANY},
    {"db.cassandra.idempotence", "cassandra.query.idempotent", SEMCONV_ANY},
    {"db.cassandra.page_size", "cassandra.page.size", SEMCONV_ANY},
    {"db.cassandra.speculative_execution_count", "cassandra.speculative_execution.count",
     SEMCONV_ANY},
    {"db.cosmosdb.client_id", "azure.client.id", SEMCONV_ANY},
    {"db.cosmosdb.connection_mode", "azure.cosmosdb.connection.mode", SEMCONV_ANY},
    {"db.cosmosdb.consistency_level", "azure.cosmosdb.consistency.level", SEMCONV_ANY},
    {"db.cosmosdb.regions_contacted", "azure.cosmosdb.operation.contacted_regions", SEMCONV_ANY},
    {"db.cosmosdb.request_charge", "azure.cosmosdb.operation.request_charge", SEMCONV_ANY},
    {"db.cosmosdb.request_content_length", "azure.cosmosdb.request.body.size", SEMCONV_ANY},
    {"db.cosmosdb.sub_status_code", "azure.cosmosdb.response.sub_status_code", SEMCONV_ANY},
    {"db.elasticsearch.node.name", "elasticsearch.node.name", SEMCONV_ANY},
    {"messaging.destination", "messaging.destination.name", SEMCONV_ANY},
    {"messaging.temp_destination", "messaging.destination.temporary", SEMCONV_ANY},
    {"messaging.operation", "messaging.operation.type", SEMCONV_ANY},
    {"messaging.message_id", "messaging.message.id", SEMCONV_ANY},
    {"messaging.conversation_id", "messaging.message.conversation_id", SEMCONV_ANY},
    {"messaging.message_payload_size_bytes", "messaging.message.body.size", SEMCONV_ANY},
    {"messaging.message.payload_size_bytes", "messaging.message.body.size", SEMCONV_ANY},
    {"messaging.client_id", "messaging.client.id", SEMCONV_ANY},
    {"messaging.kafka.client_id", "messaging.client.id", SEMCONV_ANY},
    {"messaging.rocketmq.client_id", "messaging.client.id", SEMCONV_ANY},
    {"messaging.consumer_id", "messaging.consumer.id", SEMCONV_ANY},
    {"messaging.kafka.consumer_group", "messaging.consumer.group.name", SEMCONV_ANY},
    {"messaging.kafka.consumer.group", "messaging.consumer.group.name", SEMCONV_ANY},
    {"messaging.rocketmq.client_group", "messaging.consumer.group.name", SEMCONV_ANY},
    {"messaging.eventhubs.consumer.group", "messaging.consumer.group.name", SEMCONV_ANY},
    {"messaging.kafka.partition", "messaging.destination.partition.id", SEMCONV_ANY},
    {"messaging.kafka.destination.partition", "messaging.destination.partition.id", SEMCONV_ANY},
    {"messaging.kafka.message_key", "messaging.kafka.message.key", SEMCONV_ANY},
    {"messaging.kafka.message.offset", "messaging.kafka.offset", SEMCONV_ANY},
    {"messaging.rabbitmq.routing_key", "messaging.rabbitmq.destination.routing_key", SEMCONV_ANY},
    {"messaging.servicebus.destination.subscription_name",
     "messaging.destination.subscription.name", SEMCONV_ANY},
    {"rpc.system", "rpc.system.name", SEMCONV_ANY},
    {"rpc.connect_rpc.error_code", "rpc.response.status_code", SEMCONV_ANY},
    {"rpc.jsonrpc.request_id", "jsonrpc.request.id", SEMCONV_ANY},
    {"rpc.jsonrpc.version", "jsonrpc.protocol.version", SEMCONV_ANY},
    {"net.peer.name", "server.address", SEMCONV_OTHERS},
    {"net.peer.port", "server.port", SEMCONV_OTHERS},
    {"net.host.name", "server.address", SEMCONV_SERVER},
    {"net.host.port", "server.port", SEMCONV_SERVER},
    {"net.peer.name", "client.address", SEMCONV_SERVER},
    {"net.peer.port", "client.port", SEMCONV_SERVER},
    {"net.sock.peer.addr", "network.peer.address", SEMCONV_ANY},
    {"net.sock.peer.port", "network.peer.port", SEMCONV_ANY},
    {"net.sock.host.addr", "network.local.address", SEMCONV_ANY},
    {"net.sock.host.port", "network.local.port", SEMCONV_ANY},
    {"net.peer.ip", "network.peer.address", SEMCONV_ANY},
    {"net.host.ip", "network.local.address", SEMCONV_ANY},
    {"net.protocol.name", "network.protocol.name", SEMCONV_ANY},
    {"net.protocol.version", "network.protocol.version", SEMCONV_ANY},
    {"net.app.protocol.name", "network.protocol.name", SEMCONV_ANY},
    {"net.app.protocol.version", "network.protocol.version", SEMCONV_ANY},
    {"net.host.connection.type", "network.connection.type", SEMCONV_ANY},
    {"net.host.connection.subtype", "network.connection.subtype", SEMCONV_ANY},
    {"net.host.carrier.name", "network.carrier.name", SEMCONV_ANY},
    {"net.host.carrier.mcc", "network.carrier.mcc", SEMCONV_ANY},
    {"net.host.carrier.mnc", "network.carrier.mnc", SEMCONV_ANY},
    {"net.host.carrier.icc", "network.carrier.icc", SEMCONV_ANY},
    {"code.function", "code.function.name", SEMCONV_ANY},
    {"code.filepath", "code.file.path", SEMCONV_ANY},
    {"code.lineno", "code.line.number", SEMCONV_ANY},
    {"code.column", "code.column.number", SEMCONV_ANY},
    {"faas.execution", "faas.invocation_id", SEMCONV_ANY},
    {"faas.id", "cloud.resource_id", SEMCONV_ANY},
    {"peer.service", "service.peer.name", SEMCONV_ANY},
    {"enduser.id", "user.id", SEMCONV_ANY},
    {"gen_ai.system", "gen_ai.provider.name", SEMCONV_ANY},
    {"gen_ai.usage.prompt_tokens", "gen_ai.usage.input_tokens", SEMCONV_ANY},
    {"gen_ai.usage.completion_tokens", "gen_ai.usage.output_tokens", SEMCONV_ANY},
    {"deployment.environment", "deployment.environment.name", SEMCONV_ANY},
    {"container.runtime", "container.runtime.name", SEMCONV_ANY},
    {"telemetry.auto.version", "telemetry.distro.version", SEMCONV_ANY},
};
const uint32_t semconv_pair_count = sizeof semconv_pairs / sizeof semconv_pairs[0];

/* The other name that a row has for the key; NULL: it is about other ones. */
static const char *other_name(const struct semconv_pair *pair, struct bytes key)
{
    if (bytes_is(key, pair->old_name)) {
        return pair->new_name;
    }
    return bytes_is(key, pair->new_name) ? pair->old_name : NULL;
}

int semconv_aliases(struct bytes key, struct arena *arena, const struct semconv_alias **ret,
                    uint32_t *ret_count)
{
    uint32_t count = 0;
    *ret = NULL;
    *ret_count = 0;
    for (uint32_t i = 0; i < semconv_pair_count; i++) {
        count += other_name(&semconv_pairs[i], key) != NULL;
    }
    if (count == 0) {
        return 0;
    }
    struct semconv_alias *aliases = arena_calloc(arena, count, sizeof *aliases);
    if (aliases == NULL) {
        return 1;
    }
    for (uint32_t i = 0; i < semconv_pair_count; i++) {
        const char *other = other_name(&semconv_pairs[i], key);
        if (other != NULL) {
            aliases[(*ret_count)++] =
                (struct semconv_alias){bytes_of(other), semconv_pairs[i].side};
        }
    }
    *ret = aliases;
    return 0;
}
