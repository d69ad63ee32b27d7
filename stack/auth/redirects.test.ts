import { expect, test } from "vitest";
import { redirectChecker } from "./redirects.ts";

const isAllowed = redirectChecker("http://127.0.0.1:3000", [
  "https://*.example.test/**",
  "https://exact.test/path",
  "app.scheme://callback",
  "https://{a,b}.test/?",
]);

test.each([
  "http://127.0.0.1:3000",
  "http://127.0.0.1:3000/deep?x=1#f",
  "http://127.0.0.1:5173/another-port",
  "http://[::1]:8080/",
  "http://127.0.0.2/",
  "https://one.example.test/any/path?q=1",
  "https://exact.test/path",
  "https://exact.test/path#fragment",
  "app.scheme://callback",
  "https://a.test/x",
])("redirectChecker allows %s", (target) => {
  expect(isAllowed(target)).toBe(true);
});

test.each([
  "",
  "/relative",
  "//evil.test/",
  "https://127.0.0.2.evil.test/",
  "https://evil.test/?x=https://one.example.test/",
  "https://two.levels.example.test/x",
  "https://example.test/x",
  "https://exact.test/path/more",
  "https://exact.test/pat",
  "https://exact.test@evil.test/path",
  "http://10.0.0.1/",
  "http://2130706433/",
  "http://0x7f000001/",
  "https://c.test/x",
  "javascript:alert(1)",
  "data:text/html,x",
  "https:\\\\evil.test/one.example.test/",
  "https://evil.test\t.example.test/x",
  "https://evil.test\\.example.test/x",
])("redirectChecker refuses %j", (target) => {
  expect(isAllowed(target)).toBe(false);
});
