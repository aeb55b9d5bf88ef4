"""The layers of the program: which folder may see which, and who owns which third-party library.

This table is the rule; the sources and the targets are checked against it. To let a folder see more, change it here,
where a reviewer sees it.
"""
import re

# folder -> (folders it may include and link, third-party headers of its .c files, third-party targets it links)
LAYERS = {
    "daemon/core": ([], ["sanitizer/"], ["Threads::Threads", "m"]),
    "daemon/model": (["daemon/core"], [], []),
    "daemon/net": (
        ["daemon/core"],
        ["event2/", "nghttp2/", "openssl/", "zlib.h", "libdeflate.h", "zstd.h", "zstd_errors.h", "curl/"],
        ["LIBEVENT", "NGHTTP2", "OPENSSL", "ZLIB", "LIBDEFLATE", "ZSTD", "LIBCURL"],
    ),
    "config": (["daemon/core"], ["libconfig.h"], ["LIBCONFIG"]),
    "assertions": (["daemon/core", "daemon/model", "config"], ["pcre2.h", "yajl/"], ["PCRE2", "YAJL"]),
    "receivers": (
        ["daemon/core", "daemon/model", "daemon/net", "config"],
        ["protobuf-c/", "librdkafka/", "hiredis/", "yajl/"],
        ["PROTOBUF_C", "RDKAFKA", "HIREDIS", "YAJL"],
    ),
    "exporters": (["daemon/core", "daemon/model", "daemon/net", "config"], ["librdkafka/"], ["RDKAFKA"]),
    "daemon/pipeline": (["daemon/core", "daemon/model", "daemon/net", "assertions"], [], []),
    "tracetest": (["daemon/core", "daemon/model", "config", "assertions"], ["yaml.h"], ["LIBYAML"]),
    "daemon": (
        ["daemon/core", "daemon/model", "daemon/net", "config", "assertions", "receivers", "exporters",
         "daemon/pipeline", "tracetest"],
        [],
        [],
    ),
}

# What libc and the kernel give: every folder may include it.
LIBC = re.compile(
    r"^((sys|netinet|arpa|linux|net|asm)/[a-z0-9_]+\.h"
    r"|(assert|ctype|dirent|endian|errno|execinfo|fcntl|fenv|float|getopt|glob|grp|inttypes|iso646|langinfo|libgen"
    r"|limits|locale|malloc|math|netdb|poll|pthread|pwd|sched|semaphore|setjmp|signal|spawn|stdalign|stdarg|stdatomic"
    r"|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|strings|syslog|termios|threads|time|uchar|unistd|wchar"
    r"|wctype|immintrin|emmintrin|x86intrin)\.h)$"
)


def layer_of(path):
    """The layer that owns a file or folder, given relative to the repository root; None outside the program."""
    parts = path.split("/")
    two = "/".join(parts[:2])
    if two in LAYERS:
        return two
    return parts[0] if parts[0] in LAYERS else None
