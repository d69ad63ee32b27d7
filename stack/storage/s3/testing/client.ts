import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import type { Person, TestStack } from "../../testing/stack.ts";
import { s3Keys } from "../credentials.ts";

/** The AWS SDK with the stack's access keys. */
export function s3Client(stack: TestStack, config: S3ClientConfig = {}): S3Client {
  const { accessKeyId, secretAccessKey, region } = s3Keys;
  return new S3Client({
    endpoint: `${stack.url}/storage/v1/s3`,
    forcePathStyle: true,
    region,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
    ...config,
  });
}

/** The AWS SDK as a signed-in user uses it. */
export function s3ClientOf(stack: TestStack, { token }: Pick<Person, "token">): S3Client {
  const credentials = { accessKeyId: "stub", secretAccessKey: stack.anonKey, sessionToken: token };
  return s3Client(stack, { credentials });
}
