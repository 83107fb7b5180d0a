import { CopyButton } from '../../components/copy-button.tsx'
import { Icon } from '../../components/icon.tsx'
import { useSession } from '../../data/session.ts'
import { overviewUrl, tracesUrl, traceUrl } from './dashboard-urls.ts'

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

function Out({ href, children }: { href: string | undefined; children: string }) {
  if (href === undefined) return null
  return (
    <a className="button" href={href} target="_blank" rel="noreferrer">
      <Icon name="external" /> {children}
    </a>
  )
}
