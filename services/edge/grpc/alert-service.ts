import type { UntypedServiceImplementation } from '@grpc/grpc-js'
import type { LogReading } from '#platform/nats/bus.ts'
import { checkRequest } from '#platform/requests/check-request.ts'
import { changeAlertRequestSchema, getAlertRequestSchema, listAlertsRequestSchema } from '#schemas/alert.ts'
import { severitySchema } from '#schemas/watch-rule.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { watchAlerts } from '../gateway/watch-alerts.ts'
import { alertCareMethods } from './alert-care-methods.ts'
import { bookmarkMethods } from './bookmark-methods.ts'
import { type CallDeps, serverStream, unary } from './call.ts'
import type { CallContext } from './call-context.ts'
import { falsePositiveMethods } from './false-positive-methods.ts'
import { present } from './from-proto.ts'
import {
  AlertServiceService,
  type WatchAlertsRequest,
  type WatchAlertsResponse,
} from './generated/v1/alert_service.ts'
import { alertMessage } from './to-proto.ts'

export interface AlertServiceDeps extends CallDeps {
  gateway: Gateway
  bus: LogReading
}

/** AlertService over the gateway. */
export function alertService(deps: AlertServiceDeps): UntypedServiceImplementation {
  const is = AlertServiceService
  const change = async (
    request: { id?: string | undefined },
    status: 'acknowledged' | 'resolved',
    { caller, isAbout }: CallContext,
  ) => {
    isAbout(request.id)
    const change = checkRequest(changeAlertRequestSchema, present({ ...request, status }))
    return { alert: alertMessage(await deps.gateway.changeAlert(caller.tenant, change)) }
  }
  return {
    listAlerts: unary(deps, 'listAlerts', is.listAlerts, async (request, { caller }) => {
      const wanted = checkRequest(listAlertsRequestSchema, present(request))
      const { alerts, nextCursor } = await deps.gateway.alerts(caller.tenant, wanted)
      return { alerts: alerts.map(alertMessage), nextCursor }
    }),
    getAlert: unary(deps, 'getAlert', is.getAlert, async (request, { caller }) => {
      const { id } = checkRequest(getAlertRequestSchema, present(request))
      return { alert: alertMessage(await deps.gateway.alert(caller.tenant, id)) }
    }),
    watchAlerts: serverStream(deps, 'watchAlerts', is.watchAlerts, (request, context) =>
      watch(request, context, deps),
    ),
    acknowledgeAlert: unary(deps, 'changeAlert', is.acknowledgeAlert, (request, context) =>
      change(request, 'acknowledged', context),
    ),
    ...falsePositiveMethods(deps),
    ...bookmarkMethods(deps),
    resolveAlert: unary(deps, 'changeAlert', is.resolveAlert, (request, context) =>
      change(request, 'resolved', context),
    ),
    ...alertCareMethods(deps),
  }
}

async function* watch(
  { severity, ...rest }: WatchAlertsRequest,
  { caller, signal, assertServing }: CallContext,
  { bus }: AlertServiceDeps,
): AsyncGenerator<WatchAlertsResponse> {
  const wanted = {
    ...rest,
    severity: severity === undefined ? undefined : checkRequest(severitySchema, severity),
  }
  for await (const item of watchAlerts({ tenant: caller.tenant, ...wanted }, bus, signal)) {
    if (item.kind === 'idle') continue
    const { kind, seq, alert } = item
    yield { seq, kind, change: kind === 'changed' ? item.change : undefined, alert: alertMessage(alert) }
  }
  assertServing()
}
