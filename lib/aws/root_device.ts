/**
 * Root device of each distribution's own images: another name would add a second volume instead of sizing the
 * root. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html
 */
export const ROOT_DEVICE = {
  AlmaLinux: "/dev/sda1",
  Amazon: "/dev/xvda",
  CentOS: "/dev/sda1",
  RedHat: "/dev/sda1",
  Rocky: "/dev/sda1",
  Ubuntu: "/dev/sda1",
} as const;
