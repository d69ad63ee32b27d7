import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ownFolderPolicies } from "../testing/policies.ts";
import { type Person, startTestStack, type TestStack } from "../testing/stack.ts";
import { colours, halves, moving, pixel, pngOf } from "./testing/pictures.ts";

let stack: TestStack;
let person: Person;

beforeAll(async () => {
  stack = await startTestStack({ storage: { image_transformation: { enabled: true } } });
  await stack.admin.query(ownFolderPolicies);
  await stack.service.createBucket("open", { public: true });
  person = await stack.person();
  await put("halves.png", await halves(400, 200).png().toBuffer(), "image/png");
  await put("halves.jpg", await halves(400, 200).jpeg().toBuffer(), "image/jpeg");
});
afterAll(() => stack?.stop());

async function put(name: string, bytes: Buffer, contentType: string): Promise<void> {
  const options = { contentType, upsert: true, cacheControl: "60" };
  const { error } = await stack.service.from("open").upload(name, bytes, options);
  if (error) throw error;
}

async function render(name: string, query = "", headers: Record<string, string> = {}) {
  const answer = await stack.fetch(`/render/image/public/open/${name}?${query}`, { headers });
  const bytes = Buffer.from(await answer.arrayBuffer());
  return { status: answer.status, headers: answer.headers, bytes };
}

async function refusal(name: string, query = "") {
  const { status, bytes } = await render(name, query);
  return { status, ...JSON.parse(bytes.toString()) };
}

/** Colours survive lossy formats only nearly. */
async function expectColour(image: Buffer, left: number, top: number, colour: keyof typeof colours): Promise<void> {
  const found = await pixel(image, left, top);
  const distance = Math.max(...colours[colour].map((value, index) => Math.abs(value - (found[index] ?? 0))));
  expect([colour, found, distance < 12]).toEqual([colour, found, true]);
}

describe("resizing", () => {
  test.each([
    ["width=100&height=100", 100, 100],
    ["width=100&height=100&resize=contain", 100, 50],
    ["width=100&height=100&resize=fill", 100, 100],
    ["width=100&resize=contain", 100, 50],
    ["height=100&resize=contain", 200, 100],
    ["", 400, 200],
    ["width=0&height=0", 400, 200],
    ["width=99999&height=100", 400, 100],
  ])("by '%s' gives %d × %d", async (query, width, height) => {
    const { status, bytes } = await render("halves.png", query);
    const found = await sharp(bytes).metadata();
    expect([status, found.format, found.width, found.height]).toEqual([200, "png", width, height]);
  });

  test("cover keeps the middle, at its true proportions", async () => {
    const { bytes } = await render("halves.png", "width=100&height=100");
    await expectColour(bytes, 10, 50, "red");
    await expectColour(bytes, 90, 50, "blue");
  });

  test("gravity keeps the side that was asked for", async () => {
    const [east, focal, west] = await Promise.all(
      ["gravity=ea", "gravity=fp&x_offset=1&y_offset=0", "gravity=we"].map((query) =>
        render("halves.png", `width=100&height=100&${query}`),
      ),
    );
    for (const left of [5, 94]) {
      await expectColour(east?.bytes ?? Buffer.alloc(0), left, 50, "blue");
      await expectColour(focal?.bytes ?? Buffer.alloc(0), left, 50, "blue");
      await expectColour(west?.bytes ?? Buffer.alloc(0), left, 50, "red");
    }
    expect(focal?.headers.get("x-transformations")).toBe("height:100,width:100,resizing_type:fill,gravity:fp:1:0");
    expect((await render("halves.png", "width=50&height=100&gravity=sm")).status).toBe(200);
  });

  test("a picture lying on its side is put upright, and what it tells of its making is left out", async () => {
    const lying = await halves(400, 200)
      .jpeg()
      .withExif({ IFD0: { Artist: "Ada" } })
      .withMetadata({ orientation: 6 });
    await put("lying.jpg", await lying.toBuffer(), "image/jpeg");
    const { bytes } = await render("lying.jpg", "width=100&height=200");
    const found = await sharp(bytes).metadata();
    expect([found.width, found.height, found.exif, found.orientation]).toEqual([100, 200, undefined, undefined]);
    await expectColour(bytes, 50, 10, "red");
    await expectColour(bytes, 50, 190, "blue");
  });
});

describe("formats", () => {
  test.each([
    ["", "image/avif,image/webp,*/*", "image/webp"],
    ["", "image/avif,*/*", "image/avif"],
    ["", "*/*", "image/jpeg"],
    ["format=origin", "image/webp", "image/jpeg"],
    ["format=webp", "*/*", "image/webp"],
    ["format=avif", "image/webp", "image/avif"],
  ])("'%s' for a client that takes %s is %s", async (query, accept, type) => {
    const { headers, bytes } = await render("halves.jpg", query, { accept });
    const { mediaType } = await sharp(bytes).metadata();
    expect([headers.get("content-type"), mediaType, headers.get("vary")]).toEqual([type, type, "Accept"]);
    await expectColour(bytes, 10, 10, "red");
  });

  test("a lower quality is smaller", async () => {
    const noise = sharp({
      create: {
        width: 200,
        height: 200,
        channels: 3,
        background: "white",
        noise: { type: "gaussian", mean: 128, sigma: 60 },
      },
    });
    await put("noise.jpg", await noise.jpeg({ quality: 100 }).toBuffer(), "image/jpeg");
    const [low, high] = await Promise.all([render("noise.jpg", "quality=20"), render("noise.jpg", "quality=100")]);
    expect(low.bytes.length * 2).toBeLessThan(high.bytes.length);
  });

  test("a moving picture moves on, and stands still where the format does", async () => {
    await put("moving.gif", await moving(40, 20, ["red", "green", "blue"]), "image/gif");
    const gif = await render("moving.gif", "width=10&height=10");
    const webp = await render("moving.gif", "width=10&height=10", { accept: "image/webp" });
    const avif = await render("moving.gif", "width=10&height=10&format=avif");
    const pages = await Promise.all(
      [gif, webp, avif].map(async ({ bytes }) => {
        const { format, pages = 1, pageHeight, width, height } = await sharp(bytes, { animated: true }).metadata();
        return [format, pages, width, pageHeight ?? height];
      }),
    );
    expect(pages).toEqual([
      ["gif", 3, 10, 10],
      ["webp", 3, 10, 10],
      ["heif", 1, 10, 10],
    ]);
    const last = await sharp(gif.bytes, { page: 2 }).png().toBuffer();
    await expectColour(last, 5, 5, "blue");
  });

  test("vectors go out as they are, unable to run, unless pixels are asked for", async () => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><script>alert(1)</script>
      <rect width="20" height="20" fill="red"/></svg>`;
    await put("vectors.svg", Buffer.from(svg), "image/svg+xml");
    const plain = await render("vectors.svg", "width=10&height=10", { accept: "image/webp" });
    expect([plain.headers.get("content-type"), plain.bytes.toString()]).toEqual(["image/svg+xml", svg]);
    expect(plain.headers.get("content-security-policy")).toMatch(/default-src 'none'.*sandbox/);
    const drawn = await render("vectors.svg", "width=100&height=100&format=webp");
    expect(await sharp(drawn.bytes).metadata()).toMatchObject({ format: "webp", width: 100, height: 100 });
    await expectColour(drawn.bytes, 50, 50, "red");
  });
});

describe("what is refused", () => {
  const unsupported = { status: 400, statusCode: "400", error: "InvalidRequest", code: "InvalidRequest" };

  test.each([
    "width=-1",
    "width=1.5",
    "height=x",
    "quality=19",
    "quality=101",
    "resize=crop",
    "format=exe",
    "gravity=obj",
    "gravity=fp",
    "gravity=fp&x_offset=1.1&y_offset=0",
    "width=1e3",
  ])("%s", async (query) => {
    const { status, message } = await refusal("halves.png", query);
    expect(status).toBe(400);
    expect(message).toMatch(/^querystring\/(width|height|quality|resize|format|gravity|x_offset)/);
  });

  test.each([
    ["text", Buffer.from("not an image")],
    ["nothing", Buffer.alloc(0)],
    ["a HEIF of no known kind", Buffer.from("00000010667479706d69663100000000", "hex")],
    ["a PDF", Buffer.from("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj")],
    ["SVG without end", Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'><rect")],
  ])("%s", async (_what, bytes) => {
    await put("strange", bytes, "image/png");
    const message = "The source image is invalid or unsupported for rendering";
    expect(await refusal("strange", "width=10&format=webp")).toMatchObject({ ...unsupported, message });
  });

  test("half a picture", async () => {
    const whole = await halves(400, 200).png().toBuffer();
    await put("half.png", whole.subarray(0, whole.length / 2), "image/png");
    expect(await refusal("half.png", "width=10")).toMatchObject(unsupported);
  });

  test("pictures of too many pixels, before any is decoded", async () => {
    const message = "The source image resolution is too large to process";
    await put("bomb.png", await pngOf(60_000, 60_000), "image/png");
    expect(await refusal("bomb.png", "width=10")).toMatchObject({ ...unsupported, message });
    const huge = `<svg xmlns="http://www.w3.org/2000/svg" width="100000" height="100000"/>`;
    await put("bomb.svg", Buffer.from(huge), "image/svg+xml");
    expect(await refusal("bomb.svg", "width=10&format=webp")).toMatchObject({ ...unsupported, message });
  });

  test("moving pictures of too many pixels in all", async () => {
    const colour = (_: unknown, frame: number) => (frame % 2 ? "red" : "blue");
    const gif = await moving(4, 4, Array.from({ length: 13 }, colour));
    // Small frames on a large canvas are as many pixels once they are drawn.
    gif.writeUInt16LE(2000, 6);
    gif.writeUInt16LE(2000, 8);
    await put("many.gif", gif, "image/gif");
    const message = "The source image frame resolution is too large to process";
    expect(await refusal("many.gif", "width=10")).toMatchObject({ ...unsupported, message });
    expect((await render("many.gif", "width=10&height=10&format=avif")).status).toBe(200);
  });

  test("files that are too large", async () => {
    await put("large.png", Buffer.alloc(25_000_001), "image/png");
    const message = "The source image file is too large to process";
    expect(await refusal("large.png")).toMatchObject({ ...unsupported, message });
  });
});

describe("caching", () => {
  test("each result has its own tag, which saves making it again", async () => {
    const first = await render("halves.png", "width=10");
    const tag = first.headers.get("etag") ?? "";
    const again = await render("halves.png", "width=10", { "if-none-match": `W/${tag}, "x"` });
    expect([again.status, again.bytes.length, again.headers.get("etag")]).toEqual([304, 0, tag]);
    expect((await render("halves.png", "width=11", { "if-none-match": tag })).status).toBe(200);
    expect((await render("halves.png", "width=10", { "if-none-match": tag, accept: "image/webp" })).status).toBe(200);
    await put("halves.png", await halves(400, 200).negate().png().toBuffer(), "image/png");
    expect((await render("halves.png", "width=10", { "if-none-match": tag })).status).toBe(200);
    await put("halves.png", await halves(400, 200).png().toBuffer(), "image/png");
    expect(first.headers.get("cache-control")).toBe("max-age=60");
    expect(first.headers.get("last-modified")).toMatch(/GMT$/);
    expect(first.headers.get("x-robots-tag")).toBe("none");
    expect(first.headers.get("content-length")).toBe(String(first.bytes.length));
  });

  test("many at once are all answered", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => render("halves.jpg", `width=${n + 1}`)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  });
});

describe("who may see it", () => {
  const transform = { width: 50, height: 50 };
  const own = () => `${person.id}/mine.png`;

  beforeAll(async () => {
    const bytes = await halves(400, 200).png().toBuffer();
    await person.storage.from("private").upload(own(), bytes, { contentType: "image/png" });
  });

  test("policies hold for a private object", async () => {
    const mine = await person.storage.from("private").download(own(), { transform });
    const image = await sharp(await mine.data?.arrayBuffer()).metadata();
    expect([image.width, image.height]).toEqual([50, 50]);
    const stranger = await stack.person();
    const theirs = await stranger.storage.from("private").download(own(), { transform });
    expect(theirs.error?.message).toBe("Object not found");
    expect((await stack.fetch(`/render/image/authenticated/private/${own()}`)).status).toBe(400);
    const open = await stack.fetch(`/render/image/public/private/${own()}`);
    expect([open.status, (await open.json()).message]).toEqual([400, "Bucket not found"]);
  });

  test("a public URL with a transformation shows it", async () => {
    const { data } = stack.anon
      .from("open")
      .getPublicUrl("halves.png", { transform: { ...transform, format: "origin" } });
    const answer = await fetch(data.publicUrl, { headers: { accept: "image/webp" } });
    expect(await sharp(await answer.arrayBuffer()).metadata()).toMatchObject({ format: "png", width: 50, height: 50 });
  });

  test("a signed URL is bound to its transformation", async () => {
    const bucket = person.storage.from("private");
    const { data } = await bucket.createSignedUrl(own(), 60, {
      transform: { ...transform, resize: "contain", quality: 30 },
    });
    const url = data?.signedUrl ?? "";
    expect(url).toContain(`/storage/v1/render/image/sign/private/${person.id}/mine.png?token=`);
    for (const query of ["", "&width=400&height=200&resize=fill", "&format=webp"]) {
      const answer = await fetch(url + query);
      expect(answer.headers.get("x-transformations")).toBe("height:50,width:50,resizing_type:fit,quality:30");
      expect(new Date(answer.headers.get("expires") ?? 0).getTime()).toBeGreaterThan(Date.now());
      expect(await sharp(await answer.arrayBuffer()).metadata()).toMatchObject({
        format: "png",
        width: 50,
        height: 25,
      });
    }
    const original = await fetch(url.replace("/render/image/sign/", "/object/sign/"));
    expect([original.status, (await original.json()).error]).toEqual([400, "InvalidSignature"]);
    const elsewhere = await fetch(url.replace("mine.png", "other.png"));
    expect([elsewhere.status, (await elsewhere.json()).error]).toEqual([400, "InvalidSignature"]);
    const upload = await bucket.createSignedUploadUrl(`${person.id}/new.png`);
    const misused = await stack.fetch(`/render/image/sign/private/${person.id}/new.png?token=${upload.data?.token}`);
    expect([misused.status, (await misused.json()).error]).toEqual([400, "InvalidSignature"]);
  });

  test("a signed URL without a transformation stays the object's", async () => {
    const { data } = await person.storage.from("private").createSignedUrl(own(), 60, { download: true });
    expect(data?.signedUrl).toContain("/object/sign/");
    const answer = await fetch((data?.signedUrl ?? "").replace("/object/sign/", "/render/image/sign/"));
    expect([answer.status, answer.headers.get("content-disposition")]).toEqual([200, "attachment;"]);
  });

  test("a transformation that cannot be is not signed", async () => {
    const bad = await stack.fetch(`/object/sign/private/${own()}`, {
      method: "POST",
      token: person.token,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ expiresIn: 60, transform: { width: -1 } }),
    });
    expect([bad.status, (await bad.json()).message]).toEqual([400, expect.stringMatching(/^body\/transform\/width/)]);
  });
});
