import { defineConfig } from 'vite'

export default defineConfig({
  base: '/static/dist/',
  publicDir: false,
  build: {
    outDir: '../static/dist',
    emptyOutDir: true,
    manifest: true,
    // Inlined files would be data: addresses, which the content security policy allows for images only.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
    rolldownOptions: { input: ['app', 'boards', 'workbench', 'diagram', 'swagger'].map((entry) => `src/${entry}.js`), checks: { pluginTimings: false } },
  },
  css: { preprocessorOptions: { scss: { loadPaths: ['node_modules'], quietDeps: true } } },
})
