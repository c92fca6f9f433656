// For browsers that run scripts but know no modules, to which the chat page's own script means nothing: they go to the page that needs
// none. Every other browser skips this file.
location.replace(location.pathname + "/plain");
