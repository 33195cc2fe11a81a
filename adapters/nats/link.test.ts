import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { NatsPeer } from "../../test/support/nats-peer.ts";
import { describeWith, natsServer } from "../../test/support/requirements.ts";
import { parseNatsAddress, type NatsAddress } from "./address.ts";
import { openNats } from "./link.ts";

const folder = mkdtempSync(join(tmpdir(), "skein-nats-link-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function addressOf(text: string): NatsAddress {
  const address = parseNatsAddress(text);
  if (!address.ok) throw new Error(address.problem.text);
  return address.value;
}

async function codeAt(url: string, credentialsFile?: string): Promise<string> {
  const credentials = credentialsFile === undefined ? {} : { credentialsFile };
  const opened = await openNats({ address: addressOf(url), name: "test", ...credentials });
  if (!opened.ok) return opened.problem.code;
  await opened.value.close();
  return "";
}

describe("without a server that serves", () => {
  test("nobody at the port, and one who speaks something else", async () => {
    const server = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
    const { port } = server.address() as AddressInfo;
    const url = `nats://127.0.0.1:${String(port)}`;
    expect(await codeAt(url)).toBe("CAM002");
    await new Promise((settle) => server.close(settle));
    expect(await codeAt(url)).toBe("CAM002");
  });

  test("a credentials file that is none is refused before anything is dialled", async () => {
    const file = join(folder, "not.creds");
    writeFileSync(file, "password=secret");
    expect(await codeAt("nats://127.0.0.1:1", file)).toBe("CAM005");
    expect(await codeAt("nats://127.0.0.1:1", join(folder, "none"))).toBe("CAM005");
  });
});

describeWith(natsServer(), "with a real server", (program) => {
  test("a user is let in with the password of the address, and not without", async () => {
    const words = ["--user", "anna", "--pass", "secret"];
    const peer = await NatsPeer.start({ program, words });
    expect(await codeAt(peer.url)).toBe("CAM003");
    expect(await codeAt(`nats://anna:wrong@${peer.server}`)).toBe("CAM003");
    expect(await codeAt(`nats://anna:secret@${peer.server}`)).toBe("");
    await peer.close();
  });

  test("a server without JetStream, and one without TLS where TLS is asked for", async () => {
    const peer = await NatsPeer.start({ program, jetstream: false });
    expect(await codeAt(peer.url)).toBe("CAM004");
    expect(await codeAt(`tls://${peer.server}`)).toBe("CAM002");
    await peer.close();
  });
});
