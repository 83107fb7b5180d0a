import type { Detector } from '../../services/agents/video/detection/detector.ts'
import { createOnnxDetector } from '../../services/agents/video/detection/onnx-detector.ts'
import type { Provider } from '../../services/agents/video/detection/onnx-session.ts'
import { openSessions } from '../../services/agents/video/detection/open-sessions.ts'
import { fromFile } from '../../services/agents/video/models/resolve-model.ts'

const SILENT = { info: () => undefined, debug: () => undefined }

/**
 * A detector in this process, with one session and nothing that it says; to be closed.
 * @param path its model file
 */
export async function openDetector(path: string, provider: Provider = 'cpu'): Promise<Detector> {
  const { file, manifest } = await fromFile(path)
  return createOnnxDetector(manifest, await openSessions(file, { provider, sessions: 1, log: SILENT }))
}
