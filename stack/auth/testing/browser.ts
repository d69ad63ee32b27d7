/** Follows redirects as a browser does, cookies and all, until one leads to an address for which `arrived` is true. */
export async function browse(start: string, arrived: (url: URL) => boolean): Promise<URL> {
  const cookies = new Map<string, Map<string, string>>();
  let url = new URL(start);
  for (let steps = 0; steps < 20; steps++) {
    if (arrived(url)) return url;
    const jar = cookies.get(url.host) ?? new Map<string, string>();
    cookies.set(url.host, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { redirect: "manual", headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      jar.set(name, value);
    }
    const location = response.headers.get("location");
    if (location === null) throw new Error(`${url.href} answered ${response.status}: ${await response.text()}`);
    url = new URL(location, url);
  }
  throw new Error(`${start} redirects without end`);
}
