import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js'
import 'swagger-ui-dist/swagger-ui.css'
import { csrfToken } from './dom.js'

const root = document.getElementById('swagger')

SwaggerUI({
  domNode: root,
  url: root.dataset.specUrl,
  deepLinking: true,
  validatorUrl: null,
  requestInterceptor: (request) => {
    request.headers['X-CSRFToken'] = csrfToken()
    return request
  },
})
