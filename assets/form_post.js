// Sends the response to the service (OAuth 2.0 Form Post Response Mode); the button does it without scripts.
document.getElementById('suite')?.submit();
