include("${CMAKE_CURRENT_LIST_DIR}/FerrySDKTargets.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/FerryAddConnector.cmake")
