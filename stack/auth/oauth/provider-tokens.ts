/** What the client gets to call the provider with; not every provider gives out a refresh token. */
export function providerTokens(access: string | null, refresh: string | null): Record<string, string> {
  return {
    ...(access ? { provider_token: access } : {}),
    ...(refresh ? { provider_refresh_token: refresh } : {}),
  };
}
