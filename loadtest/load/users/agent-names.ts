/** Agents that a local stack has beside its own while load is put on it: one that does nothing, one that fails, one that hangs. */
export const LOAD_AGENTS = { echo: 'load-echo', fails: 'load-fails', hangs: 'load-hangs' } as const
