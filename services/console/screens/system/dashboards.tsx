import { CopyButton } from '../../components/copy-button.tsx'
import { Icon } from '../../components/icon.tsx'
import { useSession } from '../../data/session.ts'
import { agentUrl, cameraUrl, overviewUrl, taskTypeUrl, tracesUrl, traceUrl } from './dashboard-urls.ts'

/** To where its metrics and traces are, as the edge is told. */
export function DashboardLinks() {
  const { data } = useSession()
  return (
    <>
      <Out href={overviewUrl(data?.links?.grafana)}>Grafana</Out>
      <Out href={tracesUrl(data?.links?.jaeger)}>Jaeger</Out>
    </>
  )
}

/** An agent type on its dashboard. */
export function AgentDashboard({ type }: { type: string }) {
  const { data } = useSession()
  return <Out href={agentUrl(data?.links?.grafana, type)}>Grafana</Out>
}

/** A camera on its dashboard. */
export function CameraDashboard({ camera }: { camera: string }) {
  const { data } = useSession()
  return <Out href={cameraUrl(data?.links?.grafana, camera)}>Grafana</Out>
}

/** Some minutes around a task, so that a short one is seen among others. Milliseconds. */
const AROUND_MS = 300_000

/** A task among those of its type, and its trace. */
export function TaskDashboards({
  type,
  trace,
  fromMs,
  toMs,
}: {
  type: string
  trace: string | undefined
  fromMs: number
  toMs: number
}) {
  const { data } = useSession()
  const span = { type, fromMs: fromMs - AROUND_MS, toMs: toMs + AROUND_MS }
  return (
    <>
      <Out href={taskTypeUrl(data?.links?.grafana, span)}>Grafana</Out>
      <Out href={trace === undefined ? undefined : traceUrl(data?.links?.jaeger, trace)}>Trace</Out>
    </>
  )
}

/** One trace: where it is seen, and its id for whatever else shows traces. */
export function TraceCard({ trace }: { trace: string }) {
  const { data } = useSession()
  const url = traceUrl(data?.links?.jaeger, trace)
  return (
    <section className="card padded row" aria-label="Trace">
      <strong>Trace</strong>
      <span className="mono trace-id">{trace}</span>
      <CopyButton text={trace} label="Copy the trace id" />
      <span className="spring" />
      {url ? (
        <Out href={url}>Open in Jaeger</Out>
      ) : (
        <span className="dim">
          <code>MURMUR_EDGE_JAEGER_URL</code> makes a link of it.
        </span>
      )}
    </section>
  )
}

/** Leads out of the console; nothing where there is no address. */
export function Out({ href, children }: { href: string | undefined; children: string }) {
  if (href === undefined) return null
  return (
    <a className="button" href={href} target="_blank" rel="noreferrer">
      <Icon name="external" /> {children}
    </a>
  )
}
