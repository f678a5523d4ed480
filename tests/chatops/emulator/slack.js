// A workspace of the public emulator, furnished with what stands in the file that is named.
import { readFileSync } from "node:fs";
import { createEmulator } from "emulate";

const seed = { slack: JSON.parse(readFileSync(process.argv[2], "utf8")) };
const { url } = await createEmulator({ service: "slack", port: 0, seed });
console.log(`Slack is ready on ${url}`);
