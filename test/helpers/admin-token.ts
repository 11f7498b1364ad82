// Logging in to a Node-RED with `adminAuth`, as its editor does.

/** The token that goes into `Authorization: Bearer …`. */
export async function adminToken(url: string, username: string, password: string): Promise<string> {
  const response = await fetch(`${url}/auth/token`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ client_id: 'node-red-editor', grant_type: 'password', scope: '', username, password }),
  });
  return ((await response.json()) as { access_token: string }).access_token;
}
