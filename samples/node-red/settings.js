// Settings of the sample's two Node-RED servers; what differs comes in the environment.
const settings = {
  uiHost: "127.0.0.1",
  uiPort: Number(process.env.SAMPLE_PORT),
  flowFile: "flows.json",
  credentialSecret: process.env.SAMPLE_CREDENTIAL_SECRET,
  telemetry: { enabled: false, updateNotification: false },
  logging: { console: { level: "info", metrics: false, audit: false } },
};
if (process.env.SAMPLE_PASSWORD) {
  const bcrypt = require(process.env.SAMPLE_NODE_RED + "/node_modules/bcryptjs");
  const password = bcrypt.hashSync(process.env.SAMPLE_PASSWORD, 8);
  settings.adminAuth = { type: "credentials", users: [{ username: "release", password, permissions: "*" }] };
}
module.exports = settings;
