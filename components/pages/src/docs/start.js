// It connects to this server only: no validator.
window.ui = SwaggerUIBundle({
  url: "/api/enrolment/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  validatorUrl: null,
  tryItOutEnabled: true,
});
