package host

import "os"

// AppArmor reports whether profiles can be set here. It is asked only for
// containers with a profile.
func AppArmor() bool {
	enabled, err := os.ReadFile("/sys/module/apparmor/parameters/enabled")
	return err == nil && len(enabled) > 0 && enabled[0] == 'Y'
}

// SELinux reports whether labels can be set here: a policy is loaded, or
// /sys/fs/selinux would be empty.
func SELinux() bool {
	_, err := os.Stat("/sys/fs/selinux/enforce")
	return err == nil
}
