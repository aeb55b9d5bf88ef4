# One function per kind of target. Sources are listed by hand; includes are written from the repository root.

find_package(Python3 COMPONENTS Interpreter)
set(ASSERTD_PYTHON "${CMAKE_SOURCE_DIR}/build/venv/bin/python")
if(NOT EXISTS "${ASSERTD_PYTHON}")
  set(ASSERTD_PYTHON "${Python3_EXECUTABLE}")
endif()

# What every target of ours shares: the include root, the warnings, the instrumentation.
function(assertd_common_properties target)
  target_include_directories(${target} PUBLIC "${CMAKE_SOURCE_DIR}")
  target_compile_definitions(${target} PRIVATE _GNU_SOURCE)
  target_link_libraries(${target} PRIVATE assertd_warnings assertd_instrumentation)
  get_target_property(type ${target} TYPE)
  if(ASSERTD_SANITIZE MATCHES "thread" AND type STREQUAL "EXECUTABLE")
    target_sources(${target} PRIVATE "${CMAKE_SOURCE_DIR}/tests/support/c11_threads.c")
  endif()
endfunction()

# assertd_library(NAME SOURCES a.c ... LINKS layer ... PRIVATE_LINKS PkgConfig::X ...)
# One folder, one static library. LINKS are the layers it may see, PRIVATE_LINKS the third-party libraries it owns.
# A folder that has no source yet is an interface target, so that the layers above can name it already.
function(assertd_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINKS;PRIVATE_LINKS")
  if(NOT arg_SOURCES)
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE "${CMAKE_SOURCE_DIR}")
    target_link_libraries(${name} INTERFACE ${arg_LINKS})
    return()
  endif()
  add_library(${name} STATIC ${arg_SOURCES})
  assertd_common_properties(${name})
  target_link_libraries(${name} PUBLIC ${arg_LINKS} PRIVATE ${arg_PRIVATE_LINKS})
  set_property(GLOBAL APPEND PROPERTY ASSERTD_ARCHIVES ${name})
endfunction()

# assertd_protobuf(NAME PROTOS a.proto ...)
# A static library of protobuf-c code. a.proto in folder f is included as "f/a.pb-c.h".
function(assertd_protobuf name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "PROTOS")
  set(out "${CMAKE_BINARY_DIR}/generated")
  file(MAKE_DIRECTORY "${out}")
  foreach(proto IN LISTS arg_PROTOS)
    file(RELATIVE_PATH path "${CMAKE_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}/${proto}")
    string(REGEX REPLACE "\\.proto$" ".pb-c" stem "${path}")
    add_custom_command(OUTPUT "${out}/${stem}.c" "${out}/${stem}.h"
      COMMAND "${PROTOC_C}" "--c_out=${out}" "--proto_path=${CMAKE_SOURCE_DIR}" "${CMAKE_SOURCE_DIR}/${path}"
      DEPENDS "${CMAKE_SOURCE_DIR}/${path}" VERBATIM)
    list(APPEND generated "${out}/${stem}.c" "${out}/${stem}.h")
  endforeach()
  add_library(${name} STATIC ${generated})
  target_include_directories(${name} SYSTEM PUBLIC "${out}")
  target_link_libraries(${name} PUBLIC PkgConfig::PROTOBUF_C PRIVATE assertd_instrumentation)
endfunction()

# assertd_test(test_x [SOURCES test_x.c ...] LINKS layer ... [PRIVATE_LINKS PkgConfig::X ...] [LABELS l ...] [TIMEOUT s])
# One cmocka executable, one ctest entry of the same name, labelled "unit" and with its folder's name.
# It runs in the build folder; ASSERTD_SOURCE_DIR is defined for the files it reads.
function(assertd_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "SOURCES;LINKS;PRIVATE_LINKS;LABELS")
  if(NOT arg_SOURCES)
    set(arg_SOURCES ${name}.c)
  endif()
  add_executable(${name} ${arg_SOURCES})
  assertd_common_properties(${name})
  target_compile_definitions(${name} PRIVATE ASSERTD_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${arg_LINKS} assertd_test_support ${arg_PRIVATE_LINKS} PkgConfig::CMOCKA)
  add_test(NAME ${name} COMMAND ${name})
  get_filename_component(area "${CMAKE_CURRENT_SOURCE_DIR}" NAME)
  assertd_test_properties(${name} "unit;${area};${arg_LABELS}" "${arg_TIMEOUT}")
endfunction()

# assertd_fuzz_target(fuzz_x [SOURCES fuzz_x.c ...] LINKS layer ...)
# With ASSERTD_FUZZ a libFuzzer program; without, a program that replays corpus/x, run as fuzz_x_corpus.
function(assertd_fuzz_target name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINKS;PRIVATE_LINKS")
  if(NOT arg_SOURCES)
    set(arg_SOURCES ${name}.c)
  endif()
  string(REGEX REPLACE "^fuzz_" "" subject "${name}")
  set(corpus "${CMAKE_CURRENT_SOURCE_DIR}/corpus/${subject}")
  add_executable(${name} ${arg_SOURCES})
  assertd_common_properties(${name})
  target_link_libraries(${name} PRIVATE ${arg_LINKS} assertd_test_support ${arg_PRIVATE_LINKS})
  set_property(GLOBAL APPEND PROPERTY ASSERTD_FUZZ_TARGETS ${name})
  if(ASSERTD_FUZZ)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(${name} PRIVATE "${CMAKE_SOURCE_DIR}/tests/fuzz/replay_main.c")
    add_test(NAME ${name}_corpus COMMAND ${name} "${corpus}")
    assertd_test_properties(${name}_corpus "fuzz" "")
  endif()
endfunction()

# assertd_python_test(NAME SCRIPT test_x.py [ARGS a ...] [LABELS l ...] [TIMEOUT s])
# A Python program whose exit status is the result; 77 means skipped, with the reason printed.
# It finds the program under test in ASSERTD_BINARY and imports its neighbours from the repository root (tests.peers).
function(assertd_python_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "SCRIPT;TIMEOUT" "ARGS;LABELS")
  add_test(NAME ${name} COMMAND "${ASSERTD_PYTHON}" "${CMAKE_CURRENT_SOURCE_DIR}/${arg_SCRIPT}" ${arg_ARGS})
  assertd_test_properties(${name} "${arg_LABELS}" "${arg_TIMEOUT}")
  set_property(TEST ${name} PROPERTY SKIP_RETURN_CODE 77)
  set_property(TEST ${name} APPEND PROPERTY ENVIRONMENT
    "ASSERTD_BINARY=$<TARGET_FILE:assertd>" "ASSERTD_SOURCE_DIR=${CMAKE_SOURCE_DIR}"
    "ASSERTD_BUILD_DIR=${CMAKE_BINARY_DIR}" "ASSERTD_SANITIZE=${ASSERTD_SANITIZE}"
    "PYTHONPATH=${CMAKE_SOURCE_DIR}" "PYTHONDONTWRITEBYTECODE=1" "PYTHONUNBUFFERED=1")
endfunction()

# assertd_bench(bench_x [SOURCES bench_x.c ...] LINKS layer ...)
# A measuring program: built with the rest so that it cannot rot, run by hand.
function(assertd_bench name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINKS;PRIVATE_LINKS")
  if(NOT arg_SOURCES)
    set(arg_SOURCES ${name}.c)
  endif()
  add_executable(${name} ${arg_SOURCES})
  assertd_common_properties(${name})
  target_compile_definitions(${name} PRIVATE ASSERTD_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${arg_LINKS} assertd_test_support ${arg_PRIVATE_LINKS})
endfunction()

function(assertd_test_properties name labels timeout)
  if(NOT timeout)
    set(timeout 120)
  endif()
  list(REMOVE_ITEM labels "")
  set_tests_properties(${name} PROPERTIES LABELS "${labels}" TIMEOUT ${timeout}
    ENVIRONMENT "${ASSERTD_TEST_ENVIRONMENT}")
endfunction()
