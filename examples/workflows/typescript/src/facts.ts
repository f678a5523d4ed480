/** What the plane tells a workflow of a request and of who asks. */
export interface Facts {
  workflow: string;
  request: {
    id: string;
    user: string;
    roles: string[];
    reason: string;
    annotations: Record<string, string[]>;
    created_at: string;
    start_time: string | null;
    duration_seconds: number;
    extends: string | null;
  };
  requester: {
    user: string;
    roles: string[];
    traits: Record<string, string[]>;
  };
}

/** What a workflow answers. */
export interface Verdict {
  verdict: "ALLOW" | "DENY" | "ABSTAIN";
  reason?: string;
  annotations?: Record<string, string[]>;
}
