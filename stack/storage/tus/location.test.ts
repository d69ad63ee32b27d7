import { expect, test } from "vitest";
import { uploadLocation } from "./location.ts";
import { decodeUploadId } from "./upload-id.ts";

const path = "/upload/resumable";
const id = "pictures/a folder/b.png/00000000-0000-4000-8000-000000000000";

function at(headers: Record<string, string>, host = "127.0.0.1:54321", proto = "http"): string {
  return uploadLocation(new Headers(headers), { proto, host }, path, id).replace(/\/[^/]+$/, "");
}

test("an upload is found where its creation was", () => {
  expect(at({})).toBe("http://127.0.0.1:54321/storage/v1/upload/resumable");
});

test.each([
  [{ "x-forwarded-host": "hub.example", "x-forwarded-port": "443" }, "https://hub.example/storage/v1"],
  [{ "x-forwarded-host": "hub.example", "x-forwarded-port": "8443" }, "https://hub.example:8443/storage/v1"],
  [{ "x-forwarded-port": "8443" }, "https://hub.example/storage/v1"],
  [{ "x-forwarded-prefix": "/hub" }, "https://hub.example/hub/storage/v1"],
  [{ "x-forwarded-prefix": "/hub/storage/v1/" }, "https://hub.example/hub/storage/v1"],
  [{ "x-forwarded-prefix": "//evil.example" }, "https://hub.example/storage/v1"],
  [{ "x-forwarded-host": "hub.example", "x-forwarded-port": "@evil" }, "https://hub.example/storage/v1"],
])("a proxy that says %o is believed as far as it makes sense", (headers, start) => {
  expect(at(headers, "hub.example", "https")).toBe(`${start}${path}`);
});

test("the last segment stands for bucket, name and version", () => {
  const url = uploadLocation(new Headers(), { proto: "http", host: "x" }, path, id);
  expect(decodeUploadId(url.split("/").at(-1) ?? "")).toBe(id);
});
