# ferry_add_connector(NAME SOURCES file... MANIFEST connector.json [SCHEMA config.schema.json] [STATIC_RUNTIME])
#
# Builds a connector that is a good citizen of its worker process: a module without the lib prefix, exactly one exported
# symbol (hidden visibility and a version script: visibility alone leaves symbols of libstdc++ visible), every symbol
# resolved when it is linked and when it is loaded, no RPATH. STATIC_RUNTIME links libstdc++ and libgcc statically, so
# that it runs where those are older.
#
# The finished connector is the folder ${CMAKE_BINARY_DIR}/connectors/NAME: NAME.so and connector.json, which is the
# MANIFEST with the library's file name and sha256 filled in, and the configuration schema. It is installed to
# lib/ferry/connectors/NAME. Properties of the target: FERRY_CONNECTOR_DIR.
include_guard(GLOBAL)

function(ferry_add_connector name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "STATIC_RUNTIME" "MANIFEST;SCHEMA;OUTPUT" "SOURCES")
  if(NOT arg_SOURCES OR NOT arg_MANIFEST)
    message(FATAL_ERROR "ferry_add_connector(${name}): SOURCES and MANIFEST are needed")
  endif()
  set(folder "${CMAKE_BINARY_DIR}/connectors/${name}")
  if(arg_OUTPUT)
    set(folder "${arg_OUTPUT}")
  endif()

  add_library(${name} MODULE ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE Ferry::SDK)
  # A connector may be C alone or C++ alone; a feature of a language that is not enabled is an error.
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  if("C" IN_LIST languages)
    target_compile_features(${name} PRIVATE c_std_11)
  endif()
  if("CXX" IN_LIST languages)
    target_compile_features(${name} PRIVATE cxx_std_20)
  endif()
  set_target_properties(
    ${name}
    PROPERTIES PREFIX "" OUTPUT_NAME ${name} SUFFIX ".so"
               LIBRARY_OUTPUT_DIRECTORY "${folder}" FERRY_CONNECTOR_DIR "${folder}"
               C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
               POSITION_INDEPENDENT_CODE ON SKIP_BUILD_RPATH ON INSTALL_RPATH "")
  target_link_options(
    ${name} PRIVATE "LINKER:--version-script=${CMAKE_CURRENT_FUNCTION_LIST_DIR}/connector.map"
                    "LINKER:-z,now" "LINKER:--exclude-libs,ALL" "LINKER:--no-undefined-version"
                    # Every worker hashes what it loads, line tables included.
                    "LINKER:--compress-debug-sections=zlib")
  # A sanitizer's runtime is in the host's executable, so its symbols stay undefined here.
  if(NOT FERRY_SANITIZE)
    target_link_options(${name} PRIVATE "LINKER:-z,defs")
  endif()
  if(arg_STATIC_RUNTIME)
    target_link_options(${name} PRIVATE -static-libstdc++ -static-libgcc)
  endif()
  set_property(TARGET ${name} APPEND PROPERTY LINK_DEPENDS "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/connector.map")

  get_filename_component(manifest "${arg_MANIFEST}" ABSOLUTE)
  set(schema "")
  if(arg_SCHEMA)
    get_filename_component(schema "${arg_SCHEMA}" ABSOLUTE)
  endif()
  add_custom_command(
    TARGET ${name} POST_BUILD
    COMMAND ${CMAKE_COMMAND} -DMANIFEST=${manifest} -DSCHEMA=${schema} -DLIBRARY=$<TARGET_FILE:${name}>
            -DOUTPUT=${folder} -P ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/WriteManifest.cmake
    VERBATIM)
  set_property(TARGET ${name} APPEND PROPERTY LINK_DEPENDS "${manifest}" ${schema})

  if(NOT arg_OUTPUT)
    install(DIRECTORY "${folder}/" DESTINATION "lib/ferry/connectors/${name}"
            COMPONENT connectors USE_SOURCE_PERMISSIONS)
  endif()
endfunction()
