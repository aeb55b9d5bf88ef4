# Everything a builder can choose, and the two interface targets that carry it to each of our targets.
# No flag is set globally, so that a packager's CFLAGS stay in charge.

option(ASSERTD_WERROR "Warnings are errors" OFF)
option(ASSERTD_COVERAGE "Instrument for gcov" OFF)
option(ASSERTD_LTO "Link-time optimisation" OFF)
option(ASSERTD_FUZZ "Link fuzz targets with libFuzzer (clang); otherwise they replay their corpus" OFF)
set(ASSERTD_SANITIZE "" CACHE STRING "Sanitizers: \"address,undefined\", \"thread\" or nothing")

get_property(multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
if(NOT multi_config AND NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Build type" FORCE)
endif()

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ${ASSERTD_LTO})

add_library(assertd_warnings INTERFACE)
target_compile_options(assertd_warnings INTERFACE
  -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wpointer-arith -Wvla -Wundef
  -Wwrite-strings
  $<$<BOOL:${ASSERTD_WERROR}>:-Werror>)

add_library(assertd_instrumentation INTERFACE)
if(ASSERTD_SANITIZE)
  set(sanitize -fsanitize=${ASSERTD_SANITIZE} -fno-omit-frame-pointer)
  if(ASSERTD_SANITIZE MATCHES "undefined")
    list(APPEND sanitize -fno-sanitize-recover=undefined)
  endif()
  target_compile_options(assertd_instrumentation INTERFACE ${sanitize})
  target_link_options(assertd_instrumentation INTERFACE ${sanitize})
endif()
if(ASSERTD_COVERAGE)
  target_compile_options(assertd_instrumentation INTERFACE --coverage)
  target_link_options(assertd_instrumentation INTERFACE --coverage)
endif()
if(ASSERTD_FUZZ)
  if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "ASSERTD_FUZZ needs clang: cmake --preset fuzz")
  endif()
  target_compile_options(assertd_instrumentation INTERFACE -fsanitize=fuzzer-no-link)
endif()

# GCC for x86-64 clears and copies a struct of more than some words by "rep stos" and "rep movs", which take dozens of
# cycles to begin; for what is judged of a trace structs are made by the hundred. A call of memset or memcpy is quicker.
include(CheckCCompilerFlag)
set(ASSERTD_CODE_OPTIONS "")
set(strategy "unrolled_loop:64:noalign,libcall:-1:noalign")
check_c_compiler_flag("-mmemset-strategy=${strategy} -mmemcpy-strategy=${strategy}" ASSERTD_HAS_STRATEGIES)
if(ASSERTD_HAS_STRATEGIES)
  set(ASSERTD_CODE_OPTIONS "-mmemset-strategy=${strategy}" "-mmemcpy-strategy=${strategy}")
endif()
# When GCC 12.2 splits parameters of functions at link time, it can drop one that is still read: an array of
# kept_trees.c was read at address 0, in the release build only.
check_c_compiler_flag(-fno-ipa-sra ASSERTD_HAS_IPA_SRA)
if(ASSERTD_HAS_IPA_SRA)
  list(APPEND ASSERTD_CODE_OPTIONS -fno-ipa-sra)
endif()

# What a sanitizer must do when a test trips over it: stop, with a stack.
set(ASSERTD_TEST_ENVIRONMENT
  "ASAN_OPTIONS=abort_on_error=0:detect_leaks=1:detect_stack_use_after_return=1"
  "UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1"
  "TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:suppressions=${CMAKE_SOURCE_DIR}/tests/tsan.supp")

function(assertd_print_summary)
  string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
  message(STATUS "assertd ${PROJECT_VERSION}: ${CMAKE_BUILD_TYPE} (${CMAKE_C_FLAGS_${type}}), "
    "sanitizers: ${ASSERTD_SANITIZE}, werror: ${ASSERTD_WERROR}, LTO: ${ASSERTD_LTO}, fuzz: ${ASSERTD_FUZZ}")
endfunction()
