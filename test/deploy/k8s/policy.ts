/** What must hold for all workloads of a set of manifests. Pure: manifests in, faults out, each with the object that has it. */

import { type Context, fault, type Known, type Manifest, selects } from './manifests.ts'
import { routes } from './routes.ts'

const WORKLOADS = new Set(['Deployment', 'StatefulSet', 'Job'])

export function lintManifests(manifests: readonly Manifest[], known: Known): string[] {
  const of = (kind: string) => manifests.filter((manifest) => manifest.kind === kind)
  const workloads = manifests.filter(({ kind }) => WORKLOADS.has(kind))
  const context = { manifests, known, of }
  return [
    ...workloads.flatMap((workload) => {
      const at = `${workload.kind}/${workload.metadata.name}`
      const checks = [security, resources, lifecycle, programs, settings, references, disruption, identity]
      return checks.flatMap((check) => check(workload, context).map((fault) => `${at}: ${fault}`))
    }),
    ...scaling(context),
    ...networks(workloads, context),
    ...services(workloads, context),
    ...routes(context),
    ...unique(manifests),
  ]
}

const podOf = (workload: Manifest) => workload.spec.template.spec
const labelsOf = (workload: Manifest): Record<string, string> => workload.spec.template.metadata.labels ?? {}

function security(workload: Manifest): string[] {
  const pod = podOf(workload)
  const { securityContext: own = {} } = pod
  return [
    ...fault(own.runAsNonRoot === true && own.runAsUser > 0, 'runs as root, or does not say as whom'),
    ...fault(own.seccompProfile?.type === 'RuntimeDefault', 'no seccomp profile'),
    ...fault(!pod.hostNetwork && !pod.hostPID && !pod.hostIPC, 'shares namespaces of the host'),
    ...pod.containers.flatMap((container: Manifest) => {
      const { securityContext: at = {} } = container
      return [
        ...fault(at.allowPrivilegeEscalation === false, 'may escalate privileges'),
        ...fault(at.readOnlyRootFilesystem === true, 'its root can be written'),
        ...fault(at.capabilities?.drop?.includes('ALL') && !at.capabilities.add, 'keeps capabilities'),
        ...(container.ports ?? []).flatMap((port: Manifest) =>
          fault(!port.hostPort, 'takes a port of the host'),
        ),
      ]
    }),
    ...(pod.volumes ?? []).flatMap((volume: Manifest) => [
      ...fault(!volume.hostPath, `volume ${volume.name} is of the host`),
      ...fault(!volume.emptyDir || volume.emptyDir.sizeLimit, `volume ${volume.name} has no bound`),
    ]),
  ]
}

function resources(workload: Manifest): string[] {
  return podOf(workload).containers.flatMap(({ name, resources: has = {} }: Manifest) => [
    ...fault(has.requests?.cpu && has.requests?.memory, `${name} requests no cpu or memory`),
    ...fault(has.limits?.memory, `${name} has no memory limit`),
    ...fault(has.limits?.['ephemeral-storage'], `${name} has no limit of ephemeral storage`),
  ])
}

function lifecycle(workload: Manifest): string[] {
  const pod = podOf(workload)
  if (workload.kind === 'Job') return fault(workload.spec.backoffLimit !== undefined, 'no backoffLimit')
  return pod.containers.flatMap((container: Manifest) => {
    const env = (container.env ?? []).find(({ name }: Manifest) => name === 'MURMUR_STOP_GRACE_MS')
    const needed = (env ? Number(env.value) / 1000 : 30) + (container.lifecycle?.preStop?.sleep?.seconds ?? 0)
    const probes = ['startupProbe', 'livenessProbe', 'readinessProbe'] as const
    const live = JSON.stringify(container.livenessProbe ?? '')
    return [
      ...probes.flatMap((probe) => fault(container[probe], `no ${probe}`)),
      ...fault(!live.includes('readyz'), 'liveness asks for what others have to answer'),
      ...fault(live !== JSON.stringify(container.readinessProbe), 'liveness and readiness are the same'),
      ...fault(pod.terminationGracePeriodSeconds > needed, `is killed before its drain of ${needed} s ends`),
      ...probes.flatMap((probe) => {
        const port =
          container[probe]?.httpGet?.port ?? container[probe]?.tcpSocket?.port ?? container[probe]?.grpc?.port
        const isThere = (one: Manifest) => one.name === port || one.containerPort === port
        return fault(
          port === undefined || container.ports?.some(isThere),
          `${probe} asks port ${port}, which it does not have`,
        )
      }),
    ]
  })
}

/** What a container of ours runs is in its image. */
function programs(workload: Manifest, { known }: Context): string[] {
  return podOf(workload).containers.flatMap(({ image, command = [] }: Manifest) => {
    const own = [...known.images].find(([name]) => new RegExp(`(^|/)${name}(:|@|$)`).test(image))
    if (!own) return []
    const files = command.filter((word: string) => /\.m?ts$/.test(word))
    return files.flatMap((file: string) =>
      fault(
        own[1].some((path) => file === path || file.startsWith(`${path}/`)),
        `${file} is not in the image ${own[0]}`,
      ),
    )
  })
}

/** Every variable is one that a service reads: a typing error would be a default in silence. */
function settings(workload: Manifest, { manifests, known }: Context): string[] {
  return podOf(workload).containers.flatMap((container: Manifest) => {
    const named = (container.env ?? []).map(({ name }: Manifest) => name as string)
    const shared = (container.envFrom ?? []).flatMap(({ configMapRef }: Manifest) => {
      const map = manifests.find(
        ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === configMapRef?.name,
      )
      return map ? Object.keys(map.data ?? {}) : []
    })
    const unknown = [...named, ...shared].filter(
      (name) => /^(MURMUR|OTEL)_/.test(name) && !known.settings.has(name),
    )
    return unknown.map((name) => `${name} is no setting`)
  })
}

/** Every Secret, ConfigMap and key that is named is there, and secrets are files. */
function references(workload: Manifest, { manifests, known }: Context): string[] {
  const pod = podOf(workload)
  const maps = new Map(
    manifests
      .filter(({ kind }) => kind === 'ConfigMap')
      .map(({ metadata, data }): [string, Set<string>] => [metadata.name, new Set(Object.keys(data ?? {}))]),
  )
  const mounted = new Map<string, ReadonlySet<string> | undefined>()
  const faults: string[] = []
  for (const { name, secret, configMap } of pod.volumes ?? []) {
    const keys = secret
      ? known.secrets.get(secret.secretName)
      : configMap
        ? maps.get(configMap.name)
        : undefined
    mounted.set(name, keys)
    if (secret && !keys && !secret.optional) faults.push(`Secret ${secret.secretName} is made by nobody`)
    if (configMap && !keys) faults.push(`ConfigMap ${configMap.name} is not there`)
  }
  for (const container of pod.containers) {
    for (const { configMapRef, secretRef } of container.envFrom ?? []) {
      if (secretRef) faults.push('secrets stand in the environment')
      if (configMapRef && !maps.has(configMapRef.name))
        faults.push(`ConfigMap ${configMapRef.name} is not there`)
    }
    for (const { name, value, valueFrom } of container.env ?? []) {
      if (valueFrom?.secretKeyRef) faults.push(`${name} is a secret in the environment`)
      const mount = (container.volumeMounts ?? []).find(
        ({ mountPath }: Manifest) => typeof value === 'string' && value.startsWith(`${mountPath}/`),
      )
      const keys = mount && mounted.get(mount.name)
      if (keys && !keys.has(value.slice(mount.mountPath.length + 1)))
        faults.push(`${name}: ${value} is not there`)
      if (
        !mount &&
        typeof value === 'string' &&
        value.startsWith('/run/secrets/') &&
        !isMounted(container, value)
      )
        faults.push(`${name}: ${value} is mounted nowhere`)
    }
    for (const { name } of container.volumeMounts ?? []) {
      const claims = (workload.spec.volumeClaimTemplates ?? []).map((claim: Manifest) => claim.metadata.name)
      if (!mounted.has(name) && !claims.includes(name)) faults.push(`volume ${name} is not there`)
    }
  }
  return faults
}

function isMounted(container: Manifest, path: string): boolean {
  return (container.volumeMounts ?? []).some(({ mountPath }: Manifest) => path === mountPath)
}

function disruption(workload: Manifest, { of }: Context): string[] {
  if (workload.kind === 'Job') return []
  const covering = of('PodDisruptionBudget').filter((budget) =>
    selects(budget.spec.selector, labelsOf(workload)),
  )
  const pod = podOf(workload)
  return [
    ...fault(covering.length === 1, `${covering.length} disruption budgets`),
    ...covering.flatMap(({ spec }) => fault(spec.maxUnavailable !== 0, 'its budget lets no node be drained')),
    ...fault(pod.topologySpreadConstraints?.length >= 2, 'is not spread over nodes and zones'),
    ...(pod.topologySpreadConstraints ?? []).flatMap((spread: Manifest) =>
      fault(selects(spread.labelSelector, labelsOf(workload)), 'is spread by labels of others'),
    ),
  ]
}

function identity(workload: Manifest, { of }: Context): string[] {
  const pod = podOf(workload)
  const account = of('ServiceAccount').find(({ metadata }) => metadata.name === pod.serviceAccountName)
  return [
    ...fault(pod.automountServiceAccountToken === false, 'mounts a token'),
    ...fault(account?.automountServiceAccountToken === false, 'has no ServiceAccount without a token'),
    ...fault(
      of('PriorityClass').some(({ metadata }) => metadata.name === pod.priorityClassName),
      'no priority class',
    ),
  ]
}

function scaling({ of }: Context): string[] {
  const byTarget = new Map<string, string[]>()
  for (const scaler of [...of('HorizontalPodAutoscaler'), ...of('ScaledObject')]) {
    const { name, kind = 'Deployment' } = scaler.spec.scaleTargetRef
    const target = `${kind}/${name}`
    byTarget.set(target, [...(byTarget.get(target) ?? []), scaler.kind])
  }
  const scalable = [...of('Deployment'), ...of('StatefulSet')]
  const targets = new Map(scalable.map((one) => [`${one.kind}/${one.metadata.name}`, one]))
  return [...byTarget].flatMap(([target, scalers]) => [
    ...fault(scalers.length === 1, `${target}: scaled by ${scalers.join(' and ')}`),
    ...fault(targets.has(target), `${target}: scaled, and not there`),
    ...fault(
      targets.get(target)?.spec.replicas === undefined,
      `${target}: scaled, and has replicas of its own`,
    ),
  ])
}

/** A port that a Service leads to is one that its pods have and that a policy lets somebody reach; who calls may go there. */
function networks(workloads: readonly Manifest[], { of }: Context): string[] {
  const policies = of('NetworkPolicy')
  const denies = policies.find(({ metadata }) => metadata.name === 'default-deny')
  const isWhole =
    denies && Object.keys(denies.spec.podSelector).length === 0 && denies.spec.policyTypes.length === 2
  const ingress = (labels: Record<string, string>, port: number) =>
    policies.some(
      ({ spec }) =>
        selects(spec.podSelector, labels) &&
        (spec.ingress ?? []).some((rule: Manifest) => rule.ports?.some((one: Manifest) => one.port === port)),
    )
  const egress = (labels: Record<string, string>, port: number) =>
    policies.some(
      ({ spec }) =>
        selects(spec.podSelector, labels) &&
        (spec.egress ?? []).some((rule: Manifest) => rule.ports?.some((one: Manifest) => one.port === port)),
    )
  return [
    ...fault(isWhole, 'nothing denies by default'),
    ...workloads.flatMap((workload) => {
      const labels = labelsOf(workload)
      const text = JSON.stringify(podOf(workload))
      const at = workload.metadata.name
      return [
        ...podOf(workload).containers.flatMap(({ ports = [] }: Manifest) =>
          ports.flatMap(({ containerPort }: Manifest) =>
            fault(ingress(labels, containerPort), `${at}: nobody may reach its port ${containerPort}`),
          ),
        ),
        ...fault(
          !text.includes('MURMUR_NATS_CREDENTIALS') || egress(labels, 4222),
          `${at}: may not reach NATS`,
        ),
        ...fault(
          !text.includes('MURMUR_REDIS_URL_FILE') || egress(labels, 6379),
          `${at}: may not reach Redis`,
        ),
        ...fault(egress(labels, 53), `${at}: may not ask DNS`),
      ]
    }),
  ]
}

function services(workloads: readonly Manifest[], { of }: Context): string[] {
  return of('Service').flatMap(({ metadata, spec }) => {
    const behind = workloads.filter((workload) => selects({ matchLabels: spec.selector }, labelsOf(workload)))
    const ports = behind.flatMap((workload) =>
      podOf(workload).containers.flatMap((one: Manifest) => one.ports ?? []),
    )
    return [
      ...fault(behind.length === 1, `Service/${metadata.name}: ${behind.length} workloads behind it`),
      ...spec.ports.flatMap(({ targetPort }: Manifest) =>
        fault(
          ports.some((port) => port.name === targetPort || port.containerPort === targetPort),
          `Service/${metadata.name}: nobody has port ${targetPort}`,
        ),
      ),
    ]
  })
}

function unique(manifests: readonly Manifest[]): string[] {
  const names = manifests.map(({ kind, metadata }) => `${kind}/${metadata.name}`)
  return names.filter((name, i) => names.indexOf(name) !== i).map((name) => `${name} is there twice`)
}
