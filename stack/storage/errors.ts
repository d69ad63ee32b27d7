import { DatabaseError } from "pg";

interface Definition {
  /** The status that the body names. */
  status: number;
  /** The status of the response, where it is not Supabase Storage's usual 400. */
  httpStatus?: number;
  /** The body's `error`, where it is not the code. */
  error?: string;
  message: string;
}

const definitions = {
  NoSuchBucket: { status: 404, error: "Bucket not found", message: "Bucket not found" },
  NoSuchKey: { status: 404, error: "not_found", message: "Object not found" },
  NoSuchUpload: { status: 404, message: "Upload not found" },
  RelatedResourceNotFound: { status: 404, message: "The related resource does not exist" },
  RouteNotFound: { status: 404, httpStatus: 404, error: "Not Found", message: "Route not found" },
  InvalidRequest: { status: 400, message: "Invalid Request" },
  InvalidShape: { status: 400, error: "Error", message: "The request has not the expected shape" },
  InvalidParameter: { status: 400, message: "Invalid value format or type conversion failed" },
  InvalidBucketName: { status: 400, error: "Invalid Input", message: "Bucket name invalid" },
  InvalidKey: { status: 400, message: "Invalid key" },
  InvalidHeader: { status: 400, error: "invalid_header_char", message: "Invalid character in a header value" },
  InvalidJWT: { status: 400, message: "Invalid JWT" },
  InvalidSignature: { status: 400, message: "Invalid signature" },
  ExpiredToken: { status: 400, message: "The provided token has expired" },
  SignatureDoesNotMatch: {
    status: 403,
    message: "The signature does not match the request. Check your key and signing method",
  },
  RequestTimeTooSkewed: { status: 403, message: "The request was signed too long before or after the server's time" },
  BadDigest: { status: 400, message: "The body does not match its checksum" },
  MalformedTrailerError: { status: 400, message: "The trailer of the body is not what the headers announce" },
  MalformedXML: { status: 400, message: "The XML is not well-formed or lacks what it must have" },
  MissingContentLength: { status: 411, message: "You must provide the Content-Length HTTP header" },
  MissingParameter: { status: 400, message: "A required parameter is missing" },
  InvalidPart: { status: 400, message: "A part was not found, or its entity tag does not match" },
  InvalidPartOrder: { status: 400, message: "The list of parts is not in ascending order" },
  PreconditionFailed: { status: 412, httpStatus: 412, message: "A precondition does not hold" },
  NotImplemented: { status: 501, message: "This part of the S3 protocol is not implemented" },
  InvalidRange: { status: 416, httpStatus: 416, error: "invalid_range", message: "invalid range provided" },
  AccessDenied: { status: 403, error: "Unauthorized", message: "Access denied" },
  InvalidRole: { status: 403, httpStatus: 403, error: "Unauthorized", message: "Access denied: Invalid role" },
  ResourceAlreadyExists: { status: 409, error: "Duplicate", message: "The resource already exists" },
  KeyAlreadyExists: { status: 409, error: "Duplicate", message: "The resource already exists" },
  BucketAlreadyExists: { status: 409, error: "Duplicate", message: "The resource already exists" },
  ResourceNotEmpty: { status: 409, message: "The bucket you tried to delete is not empty" },
  ResourceReferenced: {
    status: 409,
    message: "The resource could not be updated or removed due to a foreign key constraint",
  },
  FeatureNotEnabled: { status: 409, message: "The feature is not enabled for this resource" },
  FeatureSwitchedOff: {
    status: 403,
    httpStatus: 403,
    error: "FeatureNotEnabled",
    message: "feature not enabled for this tenant",
  },
  EntityTooLarge: {
    status: 413,
    error: "Payload too large",
    message: "The object exceeded the maximum allowed size",
  },
  InvalidMimeType: { status: 415, error: "invalid_mime_type", message: "mime type is not supported" },
  ImageTimedOut: { status: 408, message: "Image request timed out" },
  TooManyImages: { status: 429, message: "Too many requests" },
  ResourceLocked: { status: 423, message: "The resource is locked" },
  InternalError: { status: 500, httpStatus: 500, error: "Internal", message: "Internal server error" },
  DatabaseError: { status: 500, httpStatus: 500, message: "database error" },
  LockTimeout: { status: 503, error: "acquiring_lock_timeout", message: "acquiring lock timeout" },
  DatabaseTimeout: { status: 544, httpStatus: 544, message: "The connection to the database timed out" },
} satisfies Record<string, Definition>;

export type ErrorCode = keyof typeof definitions;

/** Codes of our own that Supabase Storage reports under a broader one. */
const publicCodes: Partial<Record<ErrorCode, string>> = {
  RelatedResourceNotFound: "InvalidRequest",
  RouteNotFound: "InvalidRequest",
  InvalidHeader: "InvalidRequest",
  InvalidRole: "AccessDenied",
  FeatureSwitchedOff: "FeatureNotEnabled",
  ImageTimedOut: "InvalidRequest",
  TooManyImages: "InvalidRequest",
  InvalidShape: "InvalidRequest",
};

export interface ErrorBody {
  statusCode: string;
  code: string;
  error: string;
  message: string;
}

/** An error as Supabase Storage answers it: usually HTTP 400 with the real status in the body. */
export class StorageError extends Error {
  readonly code: ErrorCode;
  /** The connection broke while it committed: the work may be kept all the same. */
  outcomeUnknown = false;

  constructor(code: ErrorCode, message: string = definitions[code].message, options?: ErrorOptions) {
    super(message, options);
    this.name = "StorageError";
    this.code = code;
  }

  get httpStatus(): number {
    const definition: Definition = definitions[this.code];
    return definition.httpStatus ?? 400;
  }

  /** What the body names; the S3 protocol answers with it. */
  get status(): number {
    return definitions[this.code].status;
  }

  get body(): ErrorBody {
    const definition: Definition = definitions[this.code];
    const code = publicCodes[this.code] ?? this.code;
    return {
      statusCode: String(definition.status),
      error: definition.error ?? code,
      message: this.message,
      code,
    };
  }
}

function fromDatabase(error: DatabaseError): StorageError {
  const cause = { cause: error };
  switch (error.code) {
    case "42501": {
      const refusedByPolicy = error.message.includes("row-level security");
      const message = refusedByPolicy ? "new row violates row-level security policy" : error.message;
      return new StorageError("AccessDenied", message, cause);
    }
    case "23505":
      return new StorageError("ResourceAlreadyExists", undefined, cause);
    case "23503":
      return error.detail?.includes("is still referenced from table")
        ? new StorageError("ResourceReferenced", undefined, cause)
        : new StorageError("RelatedResourceNotFound", undefined, cause);
    case "40P01":
    case "55P03":
      return new StorageError("ResourceLocked", undefined, cause);
    case "57014":
      return new StorageError("DatabaseTimeout", undefined, cause);
    case "22003":
    case "22021":
    case "22P02":
    case "22P05":
      // Postgres quotes the value that it could not read, which may come from somebody else's row.
      return new StorageError("InvalidParameter", undefined, cause);
    default:
      return new StorageError("DatabaseError", `database error, code: ${error.code}`, cause);
  }
}

export function toStorageError(error: unknown): StorageError {
  if (error instanceof StorageError) return error;
  if (error instanceof DatabaseError) return fromDatabase(error);
  return new StorageError("InternalError", undefined, { cause: error });
}
