# find_package(FerrySDK): the target Ferry::SDK and the function ferry_add_connector.
include("${CMAKE_CURRENT_LIST_DIR}/FerrySDKTargets.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/FerryAddConnector.cmake")
