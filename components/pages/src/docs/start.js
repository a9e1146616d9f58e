// Nothing is asked of anybody else: no validator, no servers but this one.
window.ui = SwaggerUIBundle({
  url: "/api/enrolment/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  validatorUrl: null,
  tryItOutEnabled: true,
});
