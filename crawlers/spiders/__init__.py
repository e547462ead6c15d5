"""One module a spider; `crawlers.registry` names them."""
