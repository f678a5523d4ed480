import type { Facts, Verdict } from "./facts.js";
import { activeTicket, registeredComputer } from "./lookups.js";

/** Administrators use registered computers; contractors have a ticket that is open. */
export async function processRequest({ request, requester }: Facts): Promise<Verdict> {
  // grant admin only on registered computers
  if (request.roles.includes("admin") && !(await registeredComputer(request.user))) {
    return { verdict: "DENY", reason: "use registered computer for privileged access" };
  }
  // contractors should provide a valid ticket
  const isContractor = requester.traits.team?.includes("contractor") ?? false;
  if (isContractor && !(await activeTicket(request.reason))) {
    return { verdict: "DENY", reason: "provide an active JIRA ticket" };
  }
  return { verdict: "ALLOW" };
}
