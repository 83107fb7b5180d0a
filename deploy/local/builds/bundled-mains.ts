/** The mains of the services that a local stack runs, from the project's root. */
export const ORCHESTRATOR_MAIN = 'services/orchestrator/main.ts'
export const EDGE_MAIN = 'services/edge/main.ts'
/**
 * Ingest, which parses files of strangers, by itself; the other agents of reports in one process, who calls others with secrets in another, those of live
 * video in a fourth, and the network, which takes a core, by itself.
 */
export const AGENT_MAINS: readonly string[] = [
  'services/agents/report/ingest/main.ts',
  'services/agents/report-agents.ts',
  'services/agents/api-caller/main.ts',
  'services/agents/video-agents.ts',
  'services/agents/video/detection/main.ts',
]
/** Those that are bundled: all of them. */
export const BUNDLED_MAINS: readonly string[] = [ORCHESTRATOR_MAIN, EDGE_MAIN, ...AGENT_MAINS]

/** `services/edge/main.ts` is bundled as `services.edge.main.mjs`. */
export function bundleName(main: string): string {
  return `${main.replace(/\.ts$/, '').split(/[\\/]/).join('.')}.mjs`
}
