import { type Context, fault, type Manifest } from './manifests.ts'

/** What an Ingress or a route leads to is a port of a Service that is there, by TLS with a certificate that is made. */
export function routes({ of, known }: Context): string[] {
  const ports = new Map<string, Manifest[]>(
    of('Service').map(({ metadata, spec }) => [metadata.name, spec.ports]),
  )
  const leads = (at: string, service: string, port: string | number) =>
    fault(
      ports.get(service)?.some((one) => one.name === port || one.port === port),
      `${at}: Service ${service} has no port ${port}`,
    )
  const isMade = (at: string, secret: string) =>
    fault(known.secrets.get(secret)?.has('tls.key'), `${at}: nobody makes the certificate ${secret}`)
  const ingresses = of('Ingress').flatMap(({ metadata, spec }) => {
    const at = `Ingress/${metadata.name}`
    const hosts: string[] = spec.tls?.flatMap(({ hosts }: Manifest) => hosts) ?? []
    return [
      ...(spec.tls ?? []).flatMap(({ secretName }: Manifest) => isMade(at, secretName)),
      ...spec.rules.flatMap(({ host, http }: Manifest) => [
        ...fault(hosts.includes(host), `${at}: ${host} has no TLS`),
        ...http.paths.flatMap(({ backend: { service } }: Manifest) =>
          leads(at, service.name, service.port.name ?? service.port.number),
        ),
      ]),
    ]
  })
  const listeners = of('Gateway').flatMap(({ metadata, spec }) =>
    spec.listeners.flatMap(({ name, protocol, tls }: Manifest) => [
      ...fault(protocol === 'HTTPS', `Gateway/${metadata.name}: ${name} has no TLS`),
      ...(tls?.certificateRefs ?? []).flatMap((ref: Manifest) =>
        isMade(`Gateway/${metadata.name}`, ref.name),
      ),
    ]),
  )
  const gateways = [...of('HTTPRoute'), ...of('GRPCRoute')].flatMap(({ kind, metadata, spec }) =>
    spec.rules.flatMap(({ backendRefs }: Manifest) =>
      backendRefs.flatMap(({ name, port }: Manifest) => leads(`${kind}/${metadata.name}`, name, port)),
    ),
  )
  return [...ingresses, ...listeners, ...gateways]
}
