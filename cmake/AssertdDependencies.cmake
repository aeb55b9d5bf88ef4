# System libraries, found through pkg-config; nothing is downloaded, nothing is vendored.
# A row stands here from the day the first target links the library. Link it as PkgConfig::<NAME>.

find_package(PkgConfig)
if(NOT PKG_CONFIG_FOUND)
  message(FATAL_ERROR "pkg-config is missing:\n  apt-get install --no-install-recommends pkg-config")
endif()
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

# assertd_dependency(NAME MODULE PACKAGE): imported target PkgConfig::NAME from pkg-config's MODULE, in Debian's PACKAGE.
macro(assertd_dependency name module package)
  pkg_check_modules(${name} QUIET IMPORTED_TARGET ${module})
  list(APPEND assertd_packages ${package})
  if(NOT ${name}_FOUND)
    list(APPEND assertd_missing "${module} (${package})")
  endif()
endmacro()

assertd_dependency(LIBEVENT   libevent_core libevent-dev)
assertd_dependency(NGHTTP2    libnghttp2    libnghttp2-dev)
assertd_dependency(PROTOBUF_C libprotobuf-c libprotobuf-c-dev)
assertd_dependency(RDKAFKA    rdkafka       librdkafka-dev)
assertd_dependency(LIBCONFIG  libconfig     libconfig-dev)
assertd_dependency(PCRE2      libpcre2-8    libpcre2-dev)
assertd_dependency(YAJL       yajl          libyajl-dev)
assertd_dependency(LIBYAML    yaml-0.1      libyaml-dev)
assertd_dependency(LIBDEFLATE libdeflate    libdeflate-dev)
assertd_dependency(ZSTD       libzstd       libzstd-dev)
assertd_dependency(LIBCURL    libcurl       libcurl4-openssl-dev)
if(BUILD_TESTING)
  assertd_dependency(CMOCKA   cmocka        libcmocka-dev)
  assertd_dependency(ZLIB     zlib          zlib1g-dev) # packs what receivers' tests send
endif()

find_program(PROTOC_C protoc-c)
list(APPEND assertd_packages protobuf-c-compiler)
if(NOT PROTOC_C)
  list(APPEND assertd_missing "protoc-c (protobuf-c-compiler)")
endif()

if(assertd_missing)
  list(JOIN assertd_missing "\n  " missing_text)
  list(JOIN assertd_packages " " packages_text)
  message(FATAL_ERROR "Missing libraries:\n  ${missing_text}\nInstall what the build needs with\n"
    "  apt-get install --no-install-recommends build-essential cmake ninja-build pkg-config ${packages_text}\n")
endif()
