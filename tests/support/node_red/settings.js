// Settings of a Node-RED under test; what differs between servers comes in the environment.
const users = JSON.parse(process.env.FERRY_TEST_USERS || "[]");
const settings = {
  uiHost: "127.0.0.1",
  uiPort: Number(process.env.FERRY_TEST_PORT),
  httpAdminRoot: process.env.FERRY_TEST_ADMIN_ROOT || "/",
  apiMaxLength: process.env.FERRY_TEST_API_MAX_LENGTH || "5mb",
  flowFile: "flows.json",
  credentialSecret: "a secret of the tests",
  disableEditor: true,
  telemetry: { enabled: false, updateNotification: false },
  externalModules: { autoInstall: false, palette: { allowInstall: false }, modules: { allowInstall: false } },
  logging: { console: { level: "info", metrics: false, audit: false } },
};
if (users.length > 0) {
  const bcrypt = require(process.env.FERRY_TEST_NODE_RED + "/node_modules/bcryptjs");
  settings.adminAuth = {
    type: "credentials",
    users: users.map((user) => ({
      username: user.username,
      password: bcrypt.hashSync(user.password, 4),
      permissions: user.permissions,
    })),
  };
}
module.exports = settings;
