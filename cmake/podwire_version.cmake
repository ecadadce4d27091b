# What `podwire version` prints, given to that one file only, so that a commit recompiles nothing else.
execute_process(COMMAND git -C ${CMAKE_SOURCE_DIR} describe --always --dirty --abbrev=12
                OUTPUT_VARIABLE PODWIRE_COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT PODWIRE_COMMIT)
  set(PODWIRE_COMMIT "no commit")
endif()
set_source_files_properties(
  ${CMAKE_SOURCE_DIR}/src/cli/version.cpp
  PROPERTIES COMPILE_DEFINITIONS "PODWIRE_VERSION=\"${PROJECT_VERSION}\";PODWIRE_COMMIT=\"${PODWIRE_COMMIT}\"")
