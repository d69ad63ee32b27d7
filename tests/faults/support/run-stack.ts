// A stack in a process of its own, as `npm start` runs it, on the project and the port that it is given.
import { runStack } from "../../../stack/main.ts";

const [projectDir = "", port = ""] = process.argv.slice(2);
process.exitCode = await runStack({ projectDir, port: Number(port) });
process.exit();
