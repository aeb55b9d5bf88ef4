/* Where and as whom to write to InfluxDB: the URL and the headers of each request, made from the
 * settings. */
#ifndef ASSERTD_EXPORTERS_INFLUXDB_TARGET_H
#define ASSERTD_EXPORTERS_INFLUXDB_TARGET_H

#include "daemon/core/buf.h"
#include "exporters/settings.h"

struct influxdb_target {
    struct buf url;           /* NUL-terminated */
    struct buf authorization; /* "Authorization: ...", NUL-terminated; empty: none */
    const char *headers[3];   /* NULL-terminated */
};
#define INFLUXDB_TARGET_NULL ((struct influxdb_target){BUF_NULL, BUF_NULL, {NULL}})

/* Adds a problem for all that is missing or unusable; reads the secret's file. */
void influxdb_target_validate(const struct influxdb_settings *settings, struct problems *problems);

/* 0; -EINVAL: the settings are not valid; -ENOMEM. */
int influxdb_target_init(struct influxdb_target *target, const struct influxdb_settings *settings);
void influxdb_target_deinit(struct influxdb_target *target);

#endif
