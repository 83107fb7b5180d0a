import { ADMISSION_VARIABLES } from './admission.ts'
import { ALERTING_VARIABLES } from './alerting.ts'
import { CLI_VARIABLES } from './cli.ts'
import { CONNECTION_VARIABLES } from './connections.ts'
import { DETECTION_VARIABLES } from './detection.ts'
import { EDGE_VARIABLES } from './edge.ts'
import { FFMPEG_VARIABLES } from './ffmpeg.ts'
import { HTTP_VARIABLES } from './http.ts'
import type { ConfigVariable } from './read-config.ts'
import { SERVICE_VARIABLES } from './service-config.ts'
import { VIDEO_VARIABLES } from './video.ts'

/** Every setting there is. `docs/configuration.md` explains them; a test keeps both in step. */
export const CONFIG_VARIABLES: readonly ConfigVariable[] = [
  SERVICE_VARIABLES,
  ADMISSION_VARIABLES,
  CONNECTION_VARIABLES,
  HTTP_VARIABLES,
  FFMPEG_VARIABLES,
  VIDEO_VARIABLES,
  DETECTION_VARIABLES,
  ALERTING_VARIABLES,
  EDGE_VARIABLES,
  CLI_VARIABLES,
].flatMap((table): ConfigVariable[] => Object.values(table))
