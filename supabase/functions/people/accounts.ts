import { adminClient } from "../_shared/admin.ts";
import { anonymousClient } from "../_shared/caller.ts";
import { AppError } from "../_shared/errors.ts";

/** What the function asks of Auth, and the only thing for which it needs more than the caller's token. */
export interface Accounts {
  /** Sends one mail: an invitation to a new address, a sign-in link to one that has an account. The caller cannot tell which. */
  invite(email: string, fullName: string, redirectTo: string | undefined): Promise<void>;
  /** Gives an address that receives no mail an account with this password, or its account this password. */
  setPassword(email: string, fullName: string, password: string, userId: string | null): Promise<void>;
}

const SENT_A_MOMENT_AGO = "over_email_send_rate_limit";

async function create(email: string, fullName: string): Promise<string> {
  const account = { email, email_confirm: true, user_metadata: { full_name: fullName } };
  const { data, error } = await adminClient().auth.admin.createUser(account);
  if (error === null) return data.user.id;
  if (error.code === "email_exists") throw new AppError("conflict", "Set the password: the account exists", error);
  throw new AppError("auth_failed", "Set the password", error);
}

export const accounts: Accounts = {
  async invite(email, fullName, redirectTo) {
    const data = { full_name: fullName };
    const options = { data, ...(redirectTo === undefined ? {} : { redirectTo }) };
    const { error } = await adminClient().auth.admin.inviteUserByEmail(email, options);
    if (error === null || error.code === SENT_A_MOMENT_AGO) return;
    if (error.code !== "email_exists") throw new AppError("auth_failed", "Send the invitation", error);
    const link = await anonymousClient().auth.signInWithOtp({
      email,
      options: { shouldCreateUser: false, ...(redirectTo === undefined ? {} : { emailRedirectTo: redirectTo }) },
    });
    if (link.error !== null && link.error.code !== SENT_A_MOMENT_AGO) {
      throw new AppError("auth_failed", "Send the invitation", link.error);
    }
  },

  async setPassword(email, fullName, password, userId) {
    const admin = adminClient().auth.admin;
    // Auth asks how strong a password is when it is changed, and not when an account is made with it.
    const id = userId ?? (await create(email, fullName));
    const { error } = await admin.updateUserById(id, { password, email_confirm: true });
    if (error === null) return;
    if (error.code === "weak_password") throw new AppError("rejected", `Set the password: ${error.message}`, error);
    throw new AppError("auth_failed", "Set the password", error);
  },
};
