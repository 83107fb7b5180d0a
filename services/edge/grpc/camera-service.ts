import type { UntypedServiceImplementation } from '@grpc/grpc-js'
import type { Gateway } from '../gateway/gateway.ts'
import { watchCameras } from '../gateway/watch-cameras.ts'
import { type CallDeps, serverStream, unary } from './call.ts'
import type { CallContext } from './call-context.ts'
import { present } from './from-proto.ts'
import {
  CameraServiceService,
  type WatchCamerasRequest,
  type WatchCamerasResponse,
} from './generated/v1/camera_service.ts'
import { cameraMessage } from './to-proto.ts'

export interface CameraServiceDeps extends CallDeps {
  gateway: Gateway
}

/** CameraService over the gateway. */
export function cameraService(deps: CameraServiceDeps): UntypedServiceImplementation {
  const is = CameraServiceService
  return {
    listCameras: unary(deps, 'listCameras', is.listCameras, async (request, { caller }) => {
      const { cameras, total } = await deps.gateway.cameras(caller.tenant, present(request))
      return { cameras: cameras.map(cameraMessage), total }
    }),
    watchCameras: serverStream(deps, 'watchCameras', is.watchCameras, (request, context) =>
      watch(request, context, deps),
    ),
  }
}

async function* watch(
  request: WatchCamerasRequest,
  { caller, signal, assertServing }: CallContext,
  { gateway }: CameraServiceDeps,
): AsyncGenerator<WatchCamerasResponse> {
  const about = { tenant: caller.tenant, request: present(request) }
  for await (const item of watchCameras(about, gateway, signal))
    if (item.kind !== 'idle') yield { kind: item.kind, camera: cameraMessage(item.camera) }
  assertServing()
}
