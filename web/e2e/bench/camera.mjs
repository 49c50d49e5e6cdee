/** The camera of `camera.py` as a process. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Starts it; answers with its address. */
export async function camera() {
  const films = spawn('/usr/bin/python3', [join(import.meta.dirname, 'camera.py')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise((done, failed) => {
    createInterface({ input: films.stdout }).once('line', done);
    films.once('exit', (code) =>
      failed(
        new Error(
          `the camera ended with ${code}: apt install python3-gi gir1.2-gst-rtsp-server-1.0 ` +
            'gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly',
        ),
      ),
    );
  });
  return { url, end: () => films.kill('SIGKILL') };
}
