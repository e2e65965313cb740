// A certified OpenID provider on the loopback, with its own sign-in pages, for the tests of signing in.
// The people it knows, by the name that they type: the file in the first argument. The port: the second one.
import { readFileSync } from "node:fs";
import Provider from "oidc-provider";

const [people, port] = [JSON.parse(readFileSync(process.argv[2], "utf8")), Number(process.argv[3])];
const back = "http://hub.test/login/provider/back";
const client = { redirect_uris: [back], response_types: ["code"], grant_types: ["authorization_code"] };

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ ...client, client_id: "hub", client_secret: "the secret of the hub, long enough" }],
  pkce: { required: () => true },
  claims: {
    openid: ["sub"],
    profile: ["name", "preferred_username", "groups"],
    email: ["email", "email_verified"],
  },
  findAccount: (_, id) => ({ accountId: id, claims: async () => ({ sub: id, ...people[id] }) }),
  cookies: { keys: ["for tests"] },
});
provider.listen(port, "127.0.0.1", () => console.log("ready"));
