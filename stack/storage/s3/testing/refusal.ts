import { S3ServiceException } from "@aws-sdk/client-s3";

/** What a refused command answers. */
export async function refusal(command: Promise<unknown>) {
  try {
    await command;
  } catch (error) {
    if (!(error instanceof S3ServiceException)) throw error;
    return { status: error.$metadata.httpStatusCode, code: error.name, message: error.message };
  }
  throw new Error("The command was not refused");
}
