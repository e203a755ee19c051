// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "config/config.h"
#include "out/log.h"

int config_load(const char *path, struct config *cfg)
{
	struct config_errors errors = {};
	int err = config_read_file(path, cfg, &errors);

	for (size_t i = 0; i < errors.errors && i < CONFIG_SHOWN; i++)
		log_error("%s", errors.error[i]);
	if (errors.errors > CONFIG_SHOWN)
		log_error("%s: %zu errors, the first %d shown", path,
			  errors.errors, CONFIG_SHOWN);
	if (err && !errors.errors)
		log_error("%s: %s", path, strerror(-err));
	config_errors_free(&errors);
	return err;
}
