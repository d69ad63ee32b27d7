import { expect, test } from "vitest";
import { compileTemplate } from "./go-template.ts";

const html = (source: string, data = {}) => compileTemplate(source, { html: true })(data);

test("compileTemplate inserts values, escaped in html", () => {
  const data = { Email: "a<b>@x.test", Data: { name: `"O'Neil" & co` } };
  expect(html("{{ .Email }} {{.Data.name}} {{ .Data.absent }}{{ .Nothing }}", data)).toBe(
    "a&lt;b&gt;@x.test &#34;O&#39;Neil&#34; &amp; co ",
  );
  expect(compileTemplate("{{ .Data.name }}", { html: false })(data)).toBe(`"O'Neil" & co`);
});

test("compileTemplate chooses branches", () => {
  const source = `{{ if eq .Data.locale "he" }}שלום{{ else if .Data.formal }}Good day{{ else }}Hi{{ end }}`;
  expect(html(source, { Data: { locale: "he" } })).toBe("שלום");
  expect(html(source, { Data: { formal: true } })).toBe("Good day");
  expect(html(source, { Data: {} })).toBe("Hi");
  expect(html('{{ if not .A }}no{{ end }}{{ if ne .B "x" }}y{{ end }}', { B: "z" })).toBe("noy");
});

test("compileTemplate trims white space where asked, and drops comments", () => {
  expect(html("a {{- .X -}} b {{/* note */}}c", { X: 1 })).toBe("a1b c");
});

test("compileTemplate keeps a value from choosing a scheme that runs code", () => {
  expect(html(`<a href="{{ .Link }}">`, { Link: "javascript:alert(1)" })).toBe(`<a href="#ZgotmplZ">`);
  expect(html(`<a href="{{ .Link }}">`, { Link: "https://x.test/?a=1&b=2" })).toBe(
    `<a href="https://x.test/?a=1&amp;b=2">`,
  );
});

test("compileTemplate does not reach what objects inherit", () => {
  expect(html("{{ .constructor.name }}{{ .Data.__proto__ }}", { Data: {} })).toBe("");
});

test("compileTemplate refuses what it does not know", () => {
  for (const source of ["{{ range .Items }}{{ end }}", "{{ if .A }}", "{{ end }}", "{{ if and .A .B }}{{ end }}"]) {
    expect(() => html(source)).toThrow("Parse template");
  }
});
