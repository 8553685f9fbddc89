import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  root: 'web',
  plugins: [react()],
  build: { outDir: '../dist/web', emptyOutDir: true, target: 'es2023', chunkSizeWarningLimit: 700 },
  server: {
    host: '127.0.0.1',
    // The API of a Loopline that runs beside `vite`; sign-in cookies and the same-origin check see one origin.
    proxy: { '/api/': 'http://127.0.0.1:7465', '/oauth/': 'http://127.0.0.1:7465' },
  },
})
