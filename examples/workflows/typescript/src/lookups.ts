const DEVICES = process.env.DEVICES_URL ?? "http://127.0.0.1:8701";
const JIRA = process.env.JIRA_URL ?? "http://127.0.0.1:8702";
const JIRA_PROJECT = process.env.JIRA_PROJECT ?? "OPS";

// The plane waits ten seconds for a verdict.
const PATIENCE = 4_000;

/** Whether a computer of this person is registered. No answer at all is an error. */
export async function registeredComputer(user: string): Promise<boolean> {
  const answer = await get(`${DEVICES}/devices?owner=${encodeURIComponent(user)}`);
  if (!answer.ok) throw new Error(`The device registry answered with ${answer.status}.`);
  const { devices } = (await answer.json()) as { devices: unknown[] };
  return devices.length > 0;
}

/** Whether a text names a ticket that is open: `OPS-123`, or `#123` of JIRA_PROJECT. */
export async function activeTicket(text: string): Promise<boolean> {
  const named = /\b([A-Z][A-Z0-9]+-[0-9]+)\b|#([0-9]+)\b/.exec(text);
  if (!named) return false;
  const key = named[1] ?? `${JIRA_PROJECT}-${named[2]}`;
  const answer = await get(`${JIRA}/rest/api/3/issue/${key}?fields=status`, jiraLogin());
  if (answer.status === 404) return false;
  if (!answer.ok) throw new Error(`Jira answered with ${answer.status}.`);
  const issue = (await answer.json()) as {
    fields: { status: { statusCategory: { key: string } } };
  };
  return issue.fields.status.statusCategory.key !== "done";
}

/** An Atlassian account and its API token; the small Jira of the examples wants none. */
function jiraLogin(): Record<string, string> {
  const { JIRA_EMAIL, JIRA_TOKEN } = process.env;
  if (!JIRA_EMAIL || !JIRA_TOKEN) return {};
  const login = Buffer.from(`${JIRA_EMAIL}:${JIRA_TOKEN}`).toString("base64");
  return { Authorization: `Basic ${login}` };
}

function get(url: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { headers, signal: AbortSignal.timeout(PATIENCE) });
}
