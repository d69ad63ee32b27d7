import type { Json } from "../users.ts";

/** What a provider says of the person who signed in there. */
export interface ExternalUser {
  /** The provider's own id of the person. */
  subject: string;
  /** In lower case; empty when the provider names none. */
  email: string;
  /** Whether the provider vouches for the address. */
  emailVerified: boolean;
  /** What the identity keeps, and user_metadata takes over. */
  data: Json;
}

export interface Profile {
  subject: string;
  email: string;
  emailVerified: boolean;
  /** Fields of the provider's own; those without a value are left out. */
  details: Json;
}

export function externalUser({ subject, email, emailVerified, details }: Profile): ExternalUser {
  const address = email.toLowerCase();
  const said = { sub: subject, provider_id: subject, email: address, ...details };
  return {
    subject,
    email: address,
    emailVerified: address !== "" && emailVerified,
    data: {
      ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== "" && value !== undefined)),
      email_verified: address !== "" && emailVerified,
      phone_verified: false,
    },
  };
}
